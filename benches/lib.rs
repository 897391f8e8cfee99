//! Benchmarks of webchat.
