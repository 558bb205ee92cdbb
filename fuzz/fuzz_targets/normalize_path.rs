#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| aiwaf_fuzz::normalize::path(input));
