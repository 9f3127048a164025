//! Signed frames: what is refused where a signature or a certificate is asked for. Containers are put together by hand, as `lang-spec/frame-format.md` says,
//! so that they can hold what the crate would not write.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use curve25519_dalek::Scalar;
use ed25519_dalek::{SigningKey, Verifier, VerifyingKey};
use leverframe_runtime::frame::{self, Certificate, Frame, Signature, Type, TypeId, key_id, sign, strip_certificate};
use leverframe_runtime::{LoadOptions, Policy, TrustedKey};
use sha2::{Digest, Sha256, Sha512};

const ALICE: [u8; 32] = [7; 32];
const BOB: [u8; 32] = [9; 32];
const SIGNED_MS: i64 = 1_795_428_000_000;

type Section = (u32, u32, Vec<u8>);

/// A policy of nothing but a label.
fn policy(label: &str) -> Frame {
    Frame {
        language: 1,
        unproven: true,
        labels: vec![label.into()],
        types: vec![Type::Record { open: false, fields: vec![] }],
        context: TypeId(0),
        tools: vec![],
        events: vec![],
        personas: vec![],
        everyone: vec![],
        answers: vec![],
        rules: vec![],
        detectors: vec![],
        scans: vec![],
        programs: vec![],
        regexes: vec![],
    }
}

fn certificate(label: &str) -> Certificate {
    Certificate { policy: frame::digest(&policy(label)).unwrap(), core: [1; 32], rules: vec![], claims: vec![] }
}

fn certified(label: &str) -> Vec<u8> {
    frame::write(&policy(label), Some(&certificate(label))).unwrap()
}

/// The policy `pii`, certified, signed by Alice.
fn signed() -> Vec<u8> {
    sign(&certified("pii"), &ALICE, SIGNED_MS).unwrap()
}

fn public(secret: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(secret).verifying_key().to_bytes()
}

fn trust(secret: &[u8; 32]) -> TrustedKey {
    TrustedKey { public: public(secret), expires_ms: None }
}

fn options(keys: &[TrustedKey], now_ms: Option<i64>) -> LoadOptions {
    LoadOptions { accept_unproven: true, keys: keys.to_vec(), now_ms, ..LoadOptions::default() }
}

/// The digest of what was loaded, or the code.
fn load(bytes: &[u8], keys: &[TrustedKey]) -> Result<[u8; 32], &'static str> {
    load_at(bytes, keys, None)
}

fn load_at(bytes: &[u8], keys: &[TrustedKey], now_ms: Option<i64>) -> Result<[u8; 32], &'static str> {
    Policy::load(bytes, &options(keys, now_ms)).map(|policy| *policy.digest()).map_err(|error| error.code())
}

fn require_certificate(bytes: &[u8]) -> Result<(), &'static str> {
    let options = LoadOptions { require_certificate: true, ..options(&[], None) };
    Policy::load(bytes, &options).map(|_| ()).map_err(|error| error.code())
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn sections(bytes: &[u8]) -> Vec<Section> {
    let entry = |index: u32| {
        let at = 48 + 24 * index as usize;
        let (offset, length) = (word(bytes, at + 8) as usize, word(bytes, at + 16) as usize);
        (word(bytes, at), word(bytes, at + 4), bytes[offset..offset + length].to_vec())
    };
    (0..word(bytes, 12)).map(entry).collect()
}

fn container(sections: &[Section]) -> Vec<u8> {
    let mut bytes = b"\x8DLEVER\r\n\x01\0\0\0".to_vec();
    bytes.extend(u32::try_from(sections.len()).unwrap().to_le_bytes());
    bytes.extend([0; 32]);
    let mut offset = 48 + 24 * sections.len();
    for (id, flags, section) in sections {
        bytes.extend(id.to_le_bytes());
        bytes.extend(flags.to_le_bytes());
        bytes.extend((offset as u64).to_le_bytes());
        bytes.extend((section.len() as u64).to_le_bytes());
        offset += section.len();
    }
    sections.iter().for_each(|(_, _, section)| bytes.extend(section));
    summed(bytes)
}

/// The bytes with the checksum that belongs to them.
fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = Sha256::new().chain_update(&bytes[..16]).chain_update(&bytes[48..]).finalize();
    bytes[16..48].copy_from_slice(&sum);
    bytes
}

/// The signed frame with other bytes where the signature stands.
fn with_section(section: Vec<u8>) -> Vec<u8> {
    let mut all = sections(&signed());
    all.iter_mut().filter(|(id, ..)| *id == 3).for_each(|(.., bytes)| bytes.clone_from(&section));
    container(&all)
}

fn signature() -> Signature {
    postcard::from_bytes(&sections(&signed()).iter().find(|(id, ..)| *id == 3).unwrap().2).unwrap()
}

/// The signed frame with a signature that was changed.
fn changed(change: impl FnOnce(&mut Signature)) -> Vec<u8> {
    let mut signature = signature();
    change(&mut signature);
    with_section(postcard::to_allocvec(&signature).unwrap())
}

#[test]
fn a_signed_frame_loads_under_its_key() {
    let digest = frame::digest(&policy("pii")).unwrap();
    assert_eq!(load(&signed(), &[trust(&ALICE)]), Ok(digest));
    assert_eq!(load(&signed(), &[trust(&BOB), trust(&ALICE)]), Ok(digest));
    assert_eq!(load(&signed(), &[]), Ok(digest));
    assert_eq!(container(&sections(&signed())), signed(), "containers by hand are those that are written");
}

#[test]
fn signing_is_a_function_and_replaces() {
    assert_eq!(signed(), signed());
    let both = sign(&sign(&certified("pii"), &BOB, 5).unwrap(), &ALICE, SIGNED_MS).unwrap();
    assert_eq!(both, signed());
    assert_eq!(signature().key, key_id(&public(&ALICE)));
    assert_eq!(signature().signed_ms, SIGNED_MS);
}

#[test]
fn only_what_is_a_frame_is_signed_or_stripped() {
    let mut corrupt = certified("pii");
    *corrupt.last_mut().unwrap() ^= 1;
    assert_eq!(sign(&corrupt, &ALICE, 0).unwrap_err().code(), "LF0604");
    assert_eq!(strip_certificate(&corrupt).unwrap_err().code(), "LF0604");
    assert_eq!(sign(b"text", &ALICE, 0).unwrap_err().code(), "LF0601");
}

#[test]
fn every_changed_bit_is_refused() {
    let bytes = signed();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            assert!(load(&flipped, &[trust(&ALICE)]).is_err(), "byte {at}, bit {bit}");
        }
    }
}

/// A checksum is no secret: whoever changes a frame also corrects it.
#[test]
fn a_changed_bit_under_a_corrected_checksum_changes_no_decision() {
    let bytes = signed();
    let digest = load(&bytes, &[trust(&ALICE)]).unwrap();
    let parts = sections(&bytes);
    let begin = 48 + 24 * parts.len();
    let policy = begin..begin + parts[0].2.len();
    let signature = bytes.len() - parts[2].2.len()..bytes.len();
    for at in (0..16).chain(48..bytes.len()) {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            let loaded = load(&summed(flipped), &[trust(&ALICE)]);
            if policy.contains(&at) || signature.contains(&at) {
                assert_eq!(loaded, Err("LF0614"), "byte {at}, bit {bit}");
            }
            assert!(loaded.is_err() || loaded == Ok(digest), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn a_frame_without_a_signature_is_refused_where_keys_are_given() {
    assert_eq!(load(&certified("pii"), &[trust(&ALICE)]), Err("LF0613"));
}

#[test]
fn a_section_that_is_no_signature_is_refused() {
    let good = postcard::to_allocvec(&signature()).unwrap();
    assert!(load(&with_section(good.clone()), &[trust(&ALICE)]).is_ok());
    // The time of the signature in more bytes than it needs.
    let time = good.len() - 64 - 32;
    let mut longer = good.clone();
    longer[32 + time - 1] |= 0x80;
    longer.insert(32 + time, 0);
    assert_eq!(postcard::from_bytes::<Signature>(&longer).unwrap(), signature(), "the same, spelled otherwise");
    let trailing = [good.as_slice(), &[0]].concat();
    for section in [vec![], vec![0], vec![0; good.len()], good[..good.len() - 1].to_vec(), longer, trailing] {
        assert_eq!(load(&with_section(section.clone()), &[trust(&ALICE)]), Err("LF0614"), "{section:?}");
    }
}

#[test]
fn two_signatures_are_refused() {
    let mut all = sections(&signed());
    all.push(all[2].clone());
    assert_eq!(load(&container(&all), &[trust(&ALICE)]), Err("LF0605"));
    assert_eq!(load(&container(&all), &[]), Err("LF0605"));
}

#[test]
fn another_key_is_refused() {
    assert_eq!(load(&signed(), &[trust(&BOB)]), Err("LF0614"));
    let theirs = changed(|signature| signature.key = key_id(&public(&BOB)));
    assert_eq!(load(&theirs, &[trust(&ALICE), trust(&BOB)]), Err("LF0614"));
    assert_eq!(load(&theirs, &[trust(&ALICE)]), Err("LF0614"));
}

#[test]
fn a_signature_holds_for_its_policy_and_its_time_only() {
    let other = sign(&certified("secret"), &ALICE, SIGNED_MS).unwrap();
    assert!(load(&other, &[trust(&ALICE)]).is_ok());
    assert_eq!(load(&with_section(sections(&other)[2].2.clone()), &[trust(&ALICE)]), Err("LF0614"));
    assert_eq!(load(&changed(|signature| signature.signed_ms += 1), &[trust(&ALICE)]), Err("LF0614"));
}

#[test]
fn a_signature_has_one_reading() {
    // The order of the base point, RFC 8032 section 5.1.
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0x10,
    ];
    let added = changed(|signature| {
        let mut carry = 0;
        for (byte, add) in signature.s.iter_mut().zip(order) {
            let sum = u16::from(*byte) + add + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        assert_eq!(carry, 0);
    });
    assert_eq!(load(&added, &[trust(&ALICE)]), Err("LF0614"));
}

#[test]
fn a_key_is_trusted_until_it_expires() {
    let until = |expires_ms| [TrustedKey { expires_ms: Some(expires_ms), ..trust(&ALICE) }];
    assert!(load_at(&signed(), &until(100), Some(99)).is_ok());
    assert_eq!(load_at(&signed(), &until(100), Some(100)), Err("LF0615"));
    assert_eq!(load_at(&signed(), &until(100), Some(i64::MAX)), Err("LF0615"));
    assert_eq!(load_at(&signed(), &until(i64::MIN), Some(i64::MIN)), Err("LF0615"));
    let error = Policy::load(&signed(), &options(&until(i64::MAX), None)).unwrap_err();
    assert_eq!(error.code(), "LF0615");
    assert!(error.to_string().contains("time"), "{error}");
    // That another key has expired changes nothing.
    let [expired] = until(0);
    let other = TrustedKey { public: public(&BOB), ..expired };
    assert!(load_at(&signed(), &[other, trust(&ALICE)], None).is_ok());
    assert_eq!(load_at(&changed(|signature| signature.r[0] ^= 1), &[expired], Some(1)), Err("LF0614"));
}

/// A signature that Alice could make and that verifiers judge differently: its *R* is the neutral element.
#[test]
fn a_signature_that_only_some_verifiers_take_is_refused() {
    let (key, r) = (SigningKey::from_bytes(&ALICE), bytes_of(WEAK[0]));
    let public = key.verifying_key();
    let id = key_id(public.as_bytes());
    let digest = frame::digest(&policy("pii")).unwrap();
    let message = [b"leverframe signature 1\n".as_slice(), &digest, &id, &SIGNED_MS.to_le_bytes()].concat();
    let hash = Sha512::new().chain_update(r).chain_update(public.as_bytes()).chain_update(&message).finalize();
    let s = (Scalar::from_bytes_mod_order_wide(&hash.into()) * key.to_scalar()).to_bytes();
    public.verify(&message, &ed25519_dalek::Signature::from_components(r, s)).unwrap();
    assert_eq!(load(&changed(|signature| (signature.r, signature.s) = (r, s)), &[trust(&ALICE)]), Err("LF0614"));
}

/// Points of small order: a signature by their owner is nobody's.
const WEAK: [&str; 8] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
];

fn bytes_of(hex: &str) -> [u8; 32] {
    let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    bytes.try_into().unwrap()
}

#[test]
fn weak_keys_and_what_is_no_key_are_refused() {
    for hex in WEAK {
        let weak = TrustedKey { public: bytes_of(hex), expires_ms: None };
        // R is the neutral element and s is nought: a signature of any message, to whoever does not look at the key.
        let forged = changed(|signature| {
            *signature = Signature { key: key_id(&weak.public), signed_ms: SIGNED_MS, r: bytes_of(WEAK[0]), s: [0; 32] };
        });
        assert_eq!(load(&forged, &[weak]), Err("LF0616"), "{hex}");
        assert_eq!(load(&forged, &[trust(&ALICE), weak]), Err("LF0616"), "{hex}");
        assert_eq!(load(&signed(), &[trust(&ALICE), weak]), Err("LF0616"), "{hex}");
        assert_eq!(load(&changed(|signature| signature.r = weak.public), &[trust(&ALICE)]), Err("LF0614"), "{hex}");
    }
    let no_point = (2..=u8::MAX).map(|first| core::array::from_fn(|at| if at == 0 { first } else { 0 }));
    let public = no_point.into_iter().find(|bytes| VerifyingKey::from_bytes(bytes).is_err()).unwrap();
    assert_eq!(load(&signed(), &[trust(&ALICE), TrustedKey { public, expires_ms: None }]), Err("LF0616"));
}

#[test]
fn a_key_that_was_given_twice_is_refused() {
    let expired = TrustedKey { expires_ms: Some(0), ..trust(&ALICE) };
    for keys in [[trust(&ALICE), trust(&ALICE)], [trust(&ALICE), expired], [expired, trust(&ALICE)], [trust(&BOB), trust(&BOB)]] {
        assert_eq!(load_at(&signed(), &keys, Some(1)), Err("LF0616"));
    }
}

#[test]
fn a_certificate_comes_and_goes_under_the_same_signature() {
    let stripped = strip_certificate(&signed()).unwrap();
    assert_eq!(sections(&stripped).iter().map(|(id, ..)| *id).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(load(&stripped, &[trust(&ALICE)]), load(&signed(), &[trust(&ALICE)]));
    assert_eq!(strip_certificate(&certified("pii")).unwrap(), frame::write(&policy("pii"), None).unwrap());
    let bare = sign(&frame::write(&policy("pii"), None).unwrap(), &ALICE, SIGNED_MS).unwrap();
    assert_eq!(bare, stripped);
    let mut all = sections(&bare);
    all.insert(1, sections(&signed())[1].clone());
    assert_eq!(container(&all), signed());
}

#[test]
fn a_certificate_that_is_asked_for_must_be_there_and_be_of_this_policy() {
    assert_eq!(require_certificate(&signed()), Ok(()));
    assert_eq!(require_certificate(&strip_certificate(&signed()).unwrap()), Err("LF0610"));
    let with = |bytes: Vec<u8>| container(&[sections(&signed())[0].clone(), (2, 1, bytes)]);
    let good = postcard::to_allocvec(&certificate("pii")).unwrap();
    assert_eq!(require_certificate(&with(good.clone())), Ok(()));
    assert_eq!(require_certificate(&with(postcard::to_allocvec(&certificate("secret")).unwrap())), Err("LF0610"));
    for broken in [vec![], good[..good.len() - 1].to_vec(), [good.as_slice(), &[0]].concat()] {
        assert_eq!(require_certificate(&with(broken.clone())), Err("LF0609"), "{broken:?}");
        assert!(load(&with(broken), &[]).is_ok(), "where none is asked for, none is read");
    }
}

#[test]
fn a_section_that_nobody_knows_stays() {
    let mut all = sections(&certified("pii"));
    all.insert(1, (77, 1, b"hello".to_vec()));
    let kept = sections(&sign(&strip_certificate(&container(&all)).unwrap(), &ALICE, SIGNED_MS).unwrap());
    assert_eq!(kept.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), [1, 77, 3]);
    assert_eq!(kept[1].2, b"hello");
    all[1].1 = 0;
    assert_eq!(sign(&container(&all), &ALICE, 0).unwrap_err().code(), "LF0605");
}
