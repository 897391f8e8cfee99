//! Benchmarks of webchat. Each is a program that prints ratios against a baseline of the same run.
