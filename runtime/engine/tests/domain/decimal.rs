//! Decimals: equality of spellings, exact order, integers, bounds.

use core::cmp::Ordering;

use leverframe_runtime::domain::DomainError as E;
use leverframe_runtime::domain::decimal::Decimal;

fn form(text: &str) -> Result<String, E> {
    let mut out = String::new();
    Decimal::parse(text)?.write_normal(&mut out);
    Ok(out)
}

#[test]
fn spellings_of_one_number_have_one_normal_form() {
    for (text, wanted) in [
        ("0", "0"),
        ("-0", "0"),
        ("0.000", "0"),
        ("-0e400", "0"),
        ("50", "5e1"),
        ("50.0", "5e1"),
        ("5e1", "5e1"),
        ("5E+01", "5e1"),
        ("0.05e3", "5e1"),
        ("500e-1", "5e1"),
        ("1", "1"),
        ("1.50", "15e-1"),
        ("0.0015", "15e-4"),
        ("-12.340e2", "-1234"),
        ("1002", "1002"),
        ("10.02", "1002e-2"),
        ("1e-0", "1"),
        ("1e400", "1e400"),
        ("9223372036854775807", "9223372036854775807"),
    ] {
        assert_eq!(form(text).as_deref(), Ok(wanted), "{text}");
        let again = Decimal::parse_normal(wanted).unwrap();
        assert_eq!(again, Decimal::parse(text).unwrap(), "{text}");
    }
}

#[test]
fn the_order_is_that_of_the_numbers() {
    let rising = [
        "-1e400",
        "-1e2",
        "-99.9",
        "-10",
        "-9.99",
        "-1.1",
        "-1",
        "-0.5",
        "-0.05",
        "-1e-400",
        "0",
        "1e-400",
        "0.05",
        "0.0501",
        "0.5",
        "1",
        "1.0000000000000000000000000000000001",
        "1.1",
        "2",
        "9.99",
        "10",
        "10.01",
        "99",
        "100",
        "9007199254740992",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "1e20",
        "1e400",
    ];
    for (i, left) in rising.iter().enumerate() {
        for (j, right) in rising.iter().enumerate() {
            let order = Decimal::parse(left).unwrap().cmp(&Decimal::parse(right).unwrap());
            assert_eq!(order, i.cmp(&j), "{left} against {right}");
        }
    }
    let equal = |left, right| Decimal::parse(left).unwrap().cmp(&Decimal::parse(right).unwrap());
    assert_eq!(equal("0.1", "1e-1"), Ordering::Equal);
    assert_eq!(equal("-0.0", "0"), Ordering::Equal);
    assert_eq!(equal("0.30", "0.3"), Ordering::Equal);
}

#[test]
fn integers_are_read_exactly() {
    for (text, wanted) in [
        ("0", Ok(0)),
        ("-0", Ok(0)),
        ("-0.0", Ok(0)),
        ("0e9", Ok(0)),
        ("50", Ok(50)),
        ("50.0", Ok(50)),
        ("5e1", Ok(50)),
        ("500e-1", Ok(50)),
        ("-1.20e1", Ok(-12)),
        ("9223372036854775807", Ok(i64::MAX)),
        ("9223372036854775807.000", Ok(i64::MAX)),
        ("-9223372036854775808", Ok(i64::MIN)),
        ("9.223372036854775807e18", Ok(i64::MAX)),
        ("9223372036854775808", Err(E::OutOfRange)),
        ("-9223372036854775809", Err(E::OutOfRange)),
        ("18446744073709551617", Err(E::OutOfRange)),
        ("1e19", Err(E::OutOfRange)),
        ("1e400", Err(E::OutOfRange)),
        ("50.5", Err(E::NotInteger)),
        ("0.1", Err(E::NotInteger)),
        ("1e-1", Err(E::NotInteger)),
        ("-1e-400", Err(E::NotInteger)),
        ("9223372036854775807.5", Err(E::NotInteger)),
    ] {
        let read = Decimal::parse(text).unwrap().to_i64();
        assert_eq!(read, wanted, "{text}");
    }
}

#[test]
fn what_is_no_json_number_fails() {
    for text in [
        "",
        "-",
        "+1",
        "01",
        "-01",
        "00",
        ".5",
        "5.",
        "1.e1",
        "1e",
        "1e+",
        "1e1.5",
        "1ee1",
        "--1",
        "1_000",
        "0x10",
        "NaN",
        "Infinity",
        "-Infinity",
        " 1",
        "1 ",
        "1\0",
        "1,5",
        "1.2.3",
        "\u{661}",
        "\u{ff11}",
        "1e\u{661}",
    ] {
        assert_eq!(Decimal::parse(text), Err(E::NotNumber), "{text:?}");
    }
}

#[test]
fn digits_and_exponents_are_bounded() {
    let nines = "9".repeat(400);
    assert!(Decimal::parse(&nines).is_ok());
    assert_eq!(Decimal::parse(&format!("{nines}9")), Err(E::OutOfRange));
    assert_eq!(Decimal::parse(&format!("{nines}.0")), Err(E::OutOfRange));
    for (text, within) in [
        ("1e400", true),
        ("1e-400", true),
        ("1e0400", true),
        ("1e401", false),
        ("1e-401", false),
        ("0e401", false),
        ("1e99999999999999999999", false),
        ("1e-99999999999999999999", false),
    ] {
        let read = Decimal::parse(text).map(|_| ());
        let wanted = if within { Ok(()) } else { Err(E::OutOfRange) };
        assert_eq!(read, wanted, "{text}");
    }
    // The farthest normal forms are read back, though no source may write them.
    for text in [format!("1{}e400", "0".repeat(399)), format!("0.{}1e-400", "0".repeat(398))] {
        let number = Decimal::parse(&text).unwrap();
        let mut normal = String::new();
        number.write_normal(&mut normal);
        assert_eq!(Decimal::parse_normal(&normal).unwrap(), number);
        assert_eq!(Decimal::parse(&normal), Err(E::OutOfRange));
    }
}

#[test]
fn small_decimals_compare_as_scaled_integers() {
    let spelled = |n: i64| {
        let sign = if n < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", n.abs() / 100, n.abs() % 100)
    };
    for left in -120..120 {
        for right in -120..120 {
            let (l, r) = (spelled(left), spelled(right));
            let (l, r) = (Decimal::parse(&l).unwrap(), Decimal::parse(&r).unwrap());
            assert_eq!(l.cmp(&r), left.cmp(&right), "{left} {right}");
        }
    }
}
