//! REST under /api/v1, OpenAPI, authentication, WebSocket upgrade, problem responses.
