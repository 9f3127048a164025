//! The header is what cbindgen makes of the sources.
#![allow(clippy::expect_used, clippy::panic)]

use std::path::Path;

#[test]
fn the_header_is_fresh() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(own.join("cbindgen.toml")).expect("a configuration");
    let mut made = Vec::new();
    cbindgen::Builder::new().with_crate(own).with_config(config).generate().expect("a header").write(&mut made);
    let made = String::from_utf8(made).expect("UTF-8");
    let header = own.join("include/leverframe.h");
    if std::env::var("LEVERFRAME_HEADER").is_ok_and(|word| word == "write") {
        std::fs::write(&header, &made).expect("written");
    }
    let kept = std::fs::read_to_string(&header).expect("the header");
    assert!(kept == made, "{} is not fresh: LEVERFRAME_HEADER=write cargo test -p leverframe-c", header.display());
}
