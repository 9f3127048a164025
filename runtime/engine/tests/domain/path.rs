//! Paths: traversal, doubled slashes, encodings, and what lies under what.

use leverframe_runtime::domain::DomainError as E;
use leverframe_runtime::domain::path::{normalise, under};

use super::{becomes, fails, normal};

#[test]
fn spellings_of_one_path_have_one_normal_form() {
    becomes(
        normalise,
        &[
            ("/", "/"),
            ("//", "/"),
            ("/.", "/"),
            ("/./", "/"),
            ("/a/..", "/"),
            ("/a/../", "/"),
            ("/etc/passwd", "/etc/passwd"),
            ("/etc/passwd/", "/etc/passwd"),
            ("//etc/passwd", "/etc/passwd"),
            ("///etc///passwd//", "/etc/passwd"),
            ("/./etc/./passwd/.", "/etc/passwd"),
            ("/srv/../etc/passwd", "/etc/passwd"),
            ("/srv/a/b/../../../etc/passwd", "/etc/passwd"),
            ("/a/b/../c/../d", "/a/d"),
            ("/a//../b", "/b"),
        ],
    );
}

#[test]
fn names_are_kept_as_they_are() {
    becomes(
        normalise,
        &[
            ("/...", "/..."),
            ("/..a/b..", "/..a/b.."),
            ("/.hidden", "/.hidden"),
            ("/A/a", "/A/a"),
            ("/with space/\n", "/with space/\n"),
            ("/100%", "/100%"),
            ("/50% off", "/50% off"),
            ("/%zz", "/%zz"),
            ("/%u002e%u002e/x", "/%u002e%u002e/x"),
            ("/~/x", "/~/x"),
            ("/caf\u{e9}", "/caf\u{e9}"),
            ("/cafe\u{301}", "/cafe\u{301}"),
            // A leader and a full-width slash are characters of a name, here and in the file system.
            ("/\u{2025}/x", "/\u{2025}/x"),
            ("/a\u{ff0f}b", "/a\u{ff0f}b"),
        ],
    );
}

#[test]
fn ambiguous_spellings_fail() {
    fails(
        normalise,
        &[
            ("", E::Empty),
            ("etc/passwd", E::RelativePath),
            ("./etc", E::RelativePath),
            ("../etc", E::RelativePath),
            ("..", E::RelativePath),
            (" /etc", E::RelativePath),
            ("~/x", E::RelativePath),
            ("C:/x", E::RelativePath),
            ("file:///etc", E::RelativePath),
            ("/..", E::AboveRoot),
            ("/../etc/passwd", E::AboveRoot),
            ("/../../etc/passwd", E::AboveRoot),
            ("/a/../../etc", E::AboveRoot),
            ("//..", E::AboveRoot),
            ("/./../x", E::AboveRoot),
            ("/etc\0/passwd", E::ControlCharacter),
            ("/etc/passwd\0.png", E::ControlCharacter),
            ("/etc\\passwd", E::Backslash),
            ("/srv/..\\..\\etc", E::Backslash),
            ("\\\\server\\share", E::Backslash),
            ("/srv/%2e%2e/etc/passwd", E::PercentEncoded),
            ("/srv/%2E%2E/etc", E::PercentEncoded),
            ("/etc%2fpasswd", E::PercentEncoded),
            ("/srv/..%2Fetc/passwd", E::PercentEncoded),
            ("/srv/%252e%252e/etc", E::PercentEncoded),
            ("/srv/%c0%af", E::PercentEncoded),
            ("/a%41", E::PercentEncoded),
            ("/%%41", E::PercentEncoded),
        ],
    );
}

#[test]
fn under_includes_the_root_and_stops_at_names() {
    assert!(under("/srv/data", "/srv/data"));
    assert!(under("/srv/data/x/y", "/srv/data"));
    assert!(under("/srv/data", "/"));
    assert!(under("/", "/"));
    assert!(!under("/srv/database", "/srv/data"));
    assert!(!under("/srv", "/srv/data"));
    assert!(!under("/", "/srv"));
    assert!(!under("/x/srv/data", "/srv/data"));
    assert!(!under("/SRV/data", "/srv/data"));
}

#[test]
fn long_paths_are_no_trouble() {
    let deep = "/a".repeat(100_000) + &"/..".repeat(100_000);
    assert_eq!(normal(normalise, &deep).as_deref(), Ok("/"));
    assert_eq!(normal(normalise, &(deep + "/..")), Err(E::AboveRoot));
}
