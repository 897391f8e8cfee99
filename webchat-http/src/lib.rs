//! HTTP and WebSocket adapter of webchat, with the visitor widget and the agent console.
