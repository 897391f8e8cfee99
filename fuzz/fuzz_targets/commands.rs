#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| webchat_sim::targets::commands(bytes));
