//! The results of the redaction corpus.

pub(crate) const RESULTS: &[&str] = &[
    // Text parts.
    r#"{"content":[{"type":"text","text":"card ⟦c:4111 1111 1111 1111⟧ ok"}]}"#,
    r#"{"content":[{"type":"text","text":"⟦c:4111111111111111⟧"}]}"#,
    r#"{"content":[{"type":"text","text":"nothing"},{"type":"text","text":"⟦e:ann@acme.example⟧"}]}"#,
    r#"{"content":[{"type":"text","text":"⟦e:a@b.example⟧, ⟦e:c@d.example⟧; ⟦c:5555-5555-5555-4444⟧"}],"isError":true}"#,
    r#"{"content":[{"type":"text","text":"⟦t:tok_ab12⟧"},{"type":"text","text":"tok_ab"},{"type":"text","text":"⟦t:tok_ab12⟧ ⟦t:tok_cd34tok⟧_"}]}"#,
    r#"{"content":[{"type":"text","text":""}]}"#,
    r#"{"content":[]}"#,
    r#"{"content":"plain ⟦e:a@b.example⟧ text"}"#,
    r#""just a string with ⟦e:a@b.example⟧""#,
    r#"["⟦e:a@b.example⟧",["⟦e:a@b.example⟧"]]"#,
    r#"⟦n:4111111111111111⟧"#,
    r#"{"content":[{"annotations":{"audience":["user"],"note":"⟦e:a@b.example⟧"},"type":"text","text":"x"}]}"#,
    // Structured content.
    r#"{"structuredContent":{"email":"⟦e:a@b.example⟧","n":1}}"#,
    r#"{"structuredContent":{"rows":[{"c":"⟦c:378282246310005⟧"},{"c":"378282246310006"}]}}"#,
    r#"{"structuredContent":{"card":⟦n:4111111111111111⟧}}"#,
    r#"{"structuredContent":{"cards":[⟦n:4111111111111111⟧,⟦n:5555555555554444⟧,4111111111111112]}}"#,
    r#"{"structuredContent":{"card": ⟦n:4111111111111111⟧ , "x" : 1.50e+3 }}"#,
    r#"{"structuredContent":{"x":0.4111111111111111,"y":4.111111111111111e15}}"#,
    r#"{"structuredContent":{"⟦e:a@b.example⟧":1}}"#,
    r#"{"structuredContent":{"⟦e:a@b.example⟧":{"⟦c:4111111111111111⟧":["⟦t:tok_ab12⟧"]}}}"#,
    r#"{"structuredContent":{"blob":"not base64 ⟦e:a@b.example⟧","type":"image","data":"⟦e:a@b.example⟧"}}"#,
    r#"{"structuredContent":{"content":[{"type":"image","data":"⟦e:a@b.example⟧"}]}}"#,
    r#"{"structuredContent":null,"content":[{"type":"text","text":"⟦e:a@b.example⟧"}]}"#,
    // Embedded resources, links, metadata, members that nobody knows.
    r#"{"content":[{"type":"resource","resource":{"uri":"file:///a","text":"⟦e:a@b.example⟧"}}]}"#,
    r#"{"content":[{"type":"resource","resource":{"uri":"mailto:⟦e:a@b.example⟧","mimeType":"text/plain","text":"x"}}]}"#,
    r#"{"content":[{"type":"resource_link","uri":"https://x.example/?q=⟦e:a@b.example⟧","name":"⟦t:tok_ab12⟧","description":"⟦c:4111111111111111⟧"}]}"#,
    r#"{"contents":[{"uri":"file:///a","text":"⟦e:a@b.example⟧"}]}"#,
    r#"{"messages":[{"role":"user","content":{"type":"text","text":"⟦e:a@b.example⟧"}}],"description":"⟦t:tok_ab12⟧"}"#,
    r#"{"messages":[{"role":"user","content":[{"type":"text","text":"⟦e:a@b.example⟧"}]}]}"#,
    r#"{"_meta":{"trace":"⟦e:a@b.example⟧","n":⟦n:4111111111111111⟧},"content":[]}"#,
    r#"{"_meta":{"type":"image","data":"⟦e:a@b.example⟧","blob":"%"},"content":[]}"#,
    r#"{"code":-32000,"message":"no such user ⟦e:a@b.example⟧","data":{"card":"⟦c:4111111111111111⟧"}}"#,
    r#"{"content":[{"type":"text","text":"x","unknown":{"deep":["⟦e:a@b.example⟧"]}}],"later":"⟦e:a@b.example⟧"}"#,
    r#"{"content":[],"nextCursor":"⟦t:tok_ab12⟧"}"#,
    // Escapes.
    r#"{"a":"⟦c:\u0034111111111111111⟧ is it"}"#,
    r#"{"a":"x ⟦c:\u0034111111111111111⟧ \u0041"}"#,
    r#"{"a":"⟦c:411111111111111\u0031⟧"}"#,
    r#"{"a":"⟦e:a\u0040b.example⟧\n\t\"\\\/\b\f\r"}"#,
    r#"{"a":"\"⟦e:a@b.example⟧\""}"#,
    r#"{"a":"\\⟦e:a@b.example⟧\\"}"#,
    r#"{"a":"C:\\tok\\⟦t:tok_ab12⟧"}"#,
    r#"{"a":"\n⟦e:a@b.example⟧\n"}"#,
    r#"{"a":"\ud83d\ude00⟦e:a@b.example⟧\uD83D\uDE00"}"#,
    r#"{"a":"\u00e9\u0301 ⟦e:\u00e9@b.example⟧ \u00e9"}"#,
    r#"{"a":"⟦t:\u0441\u0435\u043a\u0440\u0435\u0442-12⟧ секрет"}"#,
    r#"{"\u003a⟦e:\u0061@b.example⟧":1}"#,
    r#"{"a":"⟦c:4111\u00a01111\u00a01111\u00a01111⟧"}"#,
    r#"{"a":"\u0000⟦e:a@b.example⟧\u0000"}"#,
    // Beside characters of several bytes.
    r#"{"a":"é⟦c:4111111111111111⟧é"}"#,
    r#"{"a":"卡⟦c:4111 1111 1111 1111⟧号⟦e:a@b.example⟧。"}"#,
    r#"{"a":"💳⟦c:4111111111111111⟧💳⟦t:tok_ab12⟧💳"}"#,
    r#"{"a":"⟦t:секрет-77⟧⟦t:секрет-78⟧!"}"#,
    // Characters that are not seen.
    "{\"a\":\"⟦c:4111\u{200b}1111\u{200b}1111\u{200b}1111⟧\"}",
    "{\"a\":\"\u{feff}⟦c:4\u{ad}111111111111111⟧\u{200b}\"}",
    r#"{"a":"⟦c:4111\u200b11111111\u20601111⟧"}"#,
    r#"{"a":"⟦e:a\u200b@\u200db.exam\ufeffple⟧\u200b ok"}"#,
    "{\"a\":\"x\u{200b}⟦c:4111111111111111⟧ is not touched\"}",
    "{\"a\":\"⟦t:\u{202e}⟧txt.exe\"}",
    "{\"a\":\"⟦t:to\u{200c}k_ab12⟧\u{200c} and \u{200c}nothing\"}",
    // Look-alikes and near misses stay.
    r#"{"a":"4111 1111 1111 1112","b":"a@b","c":"tok_","d":4111111111111112}"#,
    r#"{"a":"４１１１１１１１１１１１１１１１","b":"4111111111111111x","c":"4lll111111111111"}"#,
    r#"{"a":"NDExMTExMTExMTExMTExMQ==","b":"a%40b.example"}"#,
    r#"{"a":"4111 1111","b":"1111 1111"}"#,
    r#"{"a":"[redacted:std.email]"}"#,
    // White space, order, spelling of everything else.
    "{ \"a\" :\n\t[ \"⟦e:a@b.example⟧\" , null,true ,false, -0.0, 1E5 ]\r\n}\n",
    "  [ ]  ",
    r#"{"a":"⟦e:a@b.example⟧","a":"⟦e:a@b.example⟧"}"#,
    r#"{"":"","x":{},"y":[[],[[]]],"z":"⟦e:a@b.example⟧"}"#,
    r#"{"a":"{\"inner\":\"⟦e:a@b.example⟧\"}"}"#,
    r#"{"a":"line1\r\nFrom: <⟦e:a@b.example⟧>\r\n\r\n⟦c:4111-1111-1111-1111⟧"}"#,
    r#"{"a":{"b":{"c":{"d":{"e":{"f":["⟦e:a@b.example⟧",{"g":⟦n:4111111111111111⟧}]}}}}}}"#,
    r#"{"a":"id 1 ⟦c:4111 1111 1111 1111⟧ 2 ⟦c:5555 5555 5555 4444⟧"}"#,
];

/// Results with blobs, and what they become.
pub(crate) const BLOBS: &[(&str, &str)] = &[
    // "mail a@b.example now"
    (
        r#"{"content":[{"type":"resource","resource":{"uri":"x:y","blob":"bWFpbCBhQGIuZXhhbXBsZSBub3c="}}]}"#,
        r#"{"content":[{"type":"resource","resource":{"uri":"x:y","blob":"bWFpbCBbcmVkYWN0ZWQ6c3RkLmVtYWlsXSBub3c="}}]}"#,
    ),
    (
        r#"{"contents":[{"uri":"x:y","mimeType":"image/png","blob":"bWFpbCBhQGIuZXhhbXBsZSBub3c\u003d"}]}"#,
        r#"{"contents":[{"uri":"x:y","mimeType":"image/png","blob":"bWFpbCBbcmVkYWN0ZWQ6c3RkLmVtYWlsXSBub3c="}]}"#,
    ),
    // "nothing"
    (r#"{"contents":[{"uri":"x:y","blob":"bm90aGluZw=="}]}"#, r#"{"contents":[{"uri":"x:y","blob":"bm90aGluZw=="}]}"#),
    (r#"{"contents":[{"uri":"x:y","blob":""}]}"#, r#"{"contents":[{"uri":"x:y","blob":""}]}"#),
    // "4111111111111111"
    (
        r#"{"content":{"type":"resource","resource":{"blob":"NDExMTExMTExMTExMTExMQ=="}}}"#,
        r#"{"content":{"type":"resource","resource":{"blob":"W3JlZGFjdGVkOnN0ZC5jcmVkaXRfY2FyZF0="}}}"#,
    ),
];
