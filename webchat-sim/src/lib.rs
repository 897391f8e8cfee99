//! Reference model, generators, simulated world and checkers for webchat-core.
