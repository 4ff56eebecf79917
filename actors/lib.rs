//! Session, agent and conversation actors.
