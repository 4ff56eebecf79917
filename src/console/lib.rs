//! The agent console, the customer widget and the demo shop: static files embedded in the binary.
