//! What each built-in detector finds, and what it leaves: near misses beside every kind of find. A find stands in ⟦ ⟧.

use crate::policy::{redacting, without};

fn check(detector: &str, texts: &[&str]) {
    let policy = redacting(&[], &[detector]);
    for marked in texts {
        let text = marked.replace(['⟦', '⟧'], "");
        let mut expected = String::new();
        for piece in marked.split('⟦') {
            match piece.split_once('⟧') {
                Some((_, rest)) => expected += &format!("[redacted:{detector}]{rest}"),
                None => expected += piece,
            }
        }
        assert_eq!(without(&policy, &text), expected, "{detector}: {marked}");
    }
}

#[test]
fn email() {
    check(
        "std.email",
        &[
            "write to ⟦ann@acme.example⟧.",
            "<⟦o'brien+tag@mail.acme.co.uk⟧>",
            "⟦a@b.co⟧,⟦c_d@e-f.org⟧",
            "mailto:⟦x%y@a.example⟧?subject=1",
            "email=⟦foo@example.com⟧&x=1",
            "⟦müller@straße.example⟧",
            "⟦иван@пример.рф⟧",
            "⟦a@xn--80ak6aa92e.xn--p1ai⟧",
            "我的邮箱是⟦foo@example.com⟧谢谢",
            "\"⟦a@b.example⟧\"",
            "(⟦a@b.example⟧)",
            "⟦a@b.example⟧\n⟦c@d.example⟧",
            "user@localhost",
            "a@b",
            "@example.com",
            "ann at acme.example",
            "lodash@4.17.21",
            "a@b.example1",
            "x@10.0.0.1",
            "a @b.example",
            "a@.example",
        ],
    );
}

#[test]
fn us_ssn() {
    check(
        "std.us_ssn",
        &[
            "SSN ⟦123-45-6789⟧.",
            "⟦123 45 6789⟧",
            "ssn:⟦001-01-0001⟧,⟦899-99-9999⟧",
            "号码⟦123-45-6789⟧号",
            "123456789",
            "123-45 6789",
            "000-45-6789",
            "666-45-6789",
            "900-45-6789",
            "123-00-6789",
            "123-45-0000",
            "1123-45-6789",
            "123-45-67890",
            "a123-45-6789",
            "123-456-789",
        ],
    );
}

#[test]
fn credit_card() {
    check(
        "std.credit_card",
        &[
            "⟦4111111111111111⟧",
            "id 1 ⟦4111 1111 1111 1111⟧",
            "⟦4111 1111 1111 1111⟧ 2",
            "no. ⟦4111-1111-1111-1111⟧, exp 12/29",
            "⟦4111\u{a0}1111\u{a0}1111\u{a0}1111⟧",
            "⟦3782 822463 10005⟧",
            "⟦5555555555554444⟧;⟦2223003122003222⟧",
            "⟦4222222222222⟧",
            "⟦6011111111111117⟧ ⟦30569309025904⟧",
            "⟦4111111111111111⟧.00",
            "卡号⟦4111111111111111⟧请",
            "card_⟦4111111111111111⟧",
            "1 2 3 ⟦4111 1111 1111 1111⟧ 4 5 6",
            "4111 1111 1111 1112",
            "4111 1111 1111 111",
            "41111111111111111",
            "0.4111111111111111",
            "x4111111111111111",
            "4111111111111111x",
            "4111  1111  1111  1111",
            "4111.1111.1111.1111",
            "9111111111111111",
            "0000 0000 0000 0000",
            "1234 5678 9012 3456",
            "2026-11-22 10:00:00",
        ],
    );
}

#[test]
fn iban() {
    check(
        "std.iban",
        &[
            "⟦DE89370400440532013000⟧",
            "IBAN: ⟦DE89 3704 0044 0532 0130 00⟧ please",
            "⟦GB82 WEST 1234 5698 7654 32⟧.",
            "⟦GB82-WEST-1234-5698-7654-32⟧",
            "⟦gb82west12345698765432⟧",
            "⟦NO9386011117947⟧ and more",
            "⟦AT61 1904 3002 3457 3201⟧ and more text",
            "⟦MT84MALT011000012345MTLCAST001S⟧",
            "⟦FR14 2004 1010 0505 0001 3M02 606⟧",
            "DE89370400440532013001",
            "DE8937040044053201300",
            "DE893704004405320130000",
            "XX89370400440532013000",
            "xDE89370400440532013000",
            "DE 89370400440532013000",
            "AB12CD34EF56GH78IJ90",
            "at 12 noon they left the town",
        ],
    );
}

#[test]
fn phone() {
    check(
        "std.phone",
        &[
            "call ⟦+49 30 901820⟧!",
            "⟦+1 (212) 555-0100⟧",
            "⟦+442079460958⟧",
            "⟦+1-212-555-0100⟧, ⟦212-555-0100⟧",
            "⟦(212) 555-0100⟧",
            "⟦212.555.0100⟧",
            "tel:⟦1-212-555-0100⟧",
            "+0 123 456 789",
            "2125550100",
            "112-555-0100",
            "212-155-0100",
            "1+234567890",
            "+12345",
            "+1234567890123456",
            "212-555-01000",
            "10:00 +0000",
        ],
    );
}

#[test]
fn ip() {
    check(
        "std.ip",
        &[
            "from ⟦10.0.0.1⟧.",
            "⟦192.168.1.255⟧:8080",
            "http://⟦127.0.0.1⟧/x",
            "host:⟦10.0.0.1⟧",
            "⟦2001:db8::1⟧",
            "[⟦fe80::1⟧]:80",
            "addr:⟦fe80::1⟧: timeout",
            "⟦2001:DB8:0:0:0:0:0:1⟧",
            "⟦::ffff:1.2.3.4⟧",
            "⟦::1⟧",
            "256.1.1.1",
            "1.2.3.4.5",
            "01.2.3.4",
            "1.2.3",
            "v1.2.3.4",
            "std::vec::Vec",
            "a::b and ::",
            "12:30:45",
            "00:1b:44:11:3a:b7",
            "1:2:3:4:5:6:7:8:9",
        ],
    );
}

#[test]
fn jwt() {
    check(
        "std.jwt",
        &[
            "Bearer ⟦eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl⟧",
            "⟦eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.⟧",
            "t=⟦eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn⟧;",
            "eyJhbGciOiJIUzI1NiJ9",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0",
            "xeyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
            "a.b.c",
            "eyJ.eyJ.x",
        ],
    );
}

#[test]
fn private_key() {
    check(
        "std.private_key",
        &[
            "k: ⟦-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----⟧\nend",
            "⟦-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB\n\nMIIB+/=\n-----END RSA PRIVATE KEY-----⟧",
            "⟦-----BEGIN OPENSSH PRIVATE KEY-----\\nb3Bl\\n-----END OPENSSH PRIVATE KEY-----⟧\\n",
            "⟦-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nxx\n-----END PGP PRIVATE KEY BLOCK-----⟧ ok",
            "⟦-----BEGIN EC PRIVATE KEY-----\nMHcC cut off⟧",
            "⟦-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----⟧ and ⟦-----BEGIN PRIVATE KEY-----\nB\n-----END PRIVATE KEY-----⟧",
            "⟦AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ⟧",
            "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
            "----BEGIN PRIVATE KEY----",
            "the PRIVATE KEY",
        ],
    );
}

#[test]
fn aws_key() {
    check(
        "std.aws_key",
        &[
            "⟦AKIAIOSFODNN7EXAMPLE⟧",
            "id=⟦ASIAIOSFODNN7EXAMPLE⟧;",
            "⟦aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY⟧",
            "⟦AWSSecretAccessKey: \"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY⟧\"",
            "AKIAIOSFODNN7EXAMPL",
            "AKIAIOSFODNN7EXAMPLE1",
            "xAKIAIOSFODNN7EXAMPLE",
            "akiaiosfodnn7example",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ],
    );
}

#[test]
fn tokens_of_services() {
    let body = "a1B2".repeat(9);
    check(
        "std.github_token",
        &[
            &format!("⟦ghp_{body}⟧"),
            &format!("my_⟦ghs_{body}⟧."),
            &format!("⟦github_pat_{}_{body}⟧", &body[..22]),
            &format!("ghx_{body}"),
            &format!("ghp_{}", &body[1..]),
            &format!("1ghp_{body}"),
        ],
    );
    check(
        "std.slack_token",
        &[
            "⟦xoxb-1234567890-abcdefghij⟧",
            "⟦xoxe.xoxp-1-abcdefghij0⟧ ",
            "⟦xapp-1-A0123456789-12345⟧",
            "⟦https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXX⟧ now",
            "xoxb-short",
            "xox1-1234567890-abcdefghij",
            "axoxb-1234567890-abcdefghij",
            "https://hooks.slack.com/help",
        ],
    );
}

#[test]
fn secret() {
    check(
        "std.secret",
        &[
            "key=⟦wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ8h2L0vTe⟧",
            "token: ⟦q7Zk2mXw9RtB4vLp8sYd⟧.",
            "⟦k3j9x0q7w2m5z8r1t6v4b9n2⟧",
            "\"⟦Xf3-9kQz_Lw82mTbVn47RcYp⟧\"",
            "d41d8cd98f00b204e9800998ecf8427e",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "550e8400-e29b-41d4-a716-446655440000",
            "org/apache/commons/lang3/StringUtils",
            "getCustomerAccountByIdentifier",
            "q7Zk2mXw9RtB4vLp8sY",
            "Donaudampfschifffahrtsgesellschaft",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaa11",
            "20261122-100000-backup-of-orders",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        ],
    );
}
