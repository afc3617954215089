// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Sign

@Suite("A line of a batch")
struct BatchLineTests {
    private static let good = """
        {"scheme":"sigv4","endpoint":"http://localhost:9400","bucket":"b","key":"a.txt",\
        "region":"us-east-1","access_key":"AK","secret_key":"SK","expires_in":60}
        """

    private func answer(_ line: String) throws -> BatchLine {
        try #require(BatchLine.answer(line.utf8, now: Example.now))
    }

    private func error(_ line: String) throws -> String {
        let answer = try answer(line)
        #expect(answer.isError)
        return try #require(try answer.member("error"))
    }

    @Test("is signed with the defaults: GET, path style, service s3, now")
    func defaults() throws {
        let answer = try answer(Self.good)
        let url = try #require(try answer.member("url"))
        #expect(!answer.isError)
        #expect(url.hasPrefix("http://localhost:9400/b/a.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&"))
        #expect(url.contains("AK%2F20251123%2Fus-east-1%2Fs3%2Faws4_request"))
        #expect(url.contains("X-Amz-Date=20251123T180000Z&X-Amz-Expires=60&"))
        #expect(answer.line == Array(#"{"url":"\#(url)"}"#.utf8))
    }

    @Test("is answered with the headers that the client must send, if there are any")
    func headers() throws {
        let line = Self.good.dropLast() + #","headers":{"X-Amz-Meta-A":" \"q\"\\ "}}"#
        let text = String(decoding: try answer(String(line)).line, as: UTF8.self)
        #expect(text.hasSuffix(#","headers":{"X-Amz-Meta-A":"\"q\"\\"}}"#))
    }

    @Test("has no answer when it is blank", arguments: ["", " ", "\t\r", "  \u{b}\u{c} "])
    func blank(line: String) {
        #expect(BatchLine.answer(line.utf8, now: Example.now) == nil)
    }

    @Test(
        "is refused with an error that names the field",
        arguments: [
            (#""bucket":"b""#, #""bukket":"b""#, "unknown field \"bukket\""),
            (#""bucket":"b""#, #""private_key":"b""#, "unknown field \"private_key\""),
            (#""bucket":"b","#, "", "\"bucket\""), (#""region":"us-east-1","#, "", "\"region\""),
            (#","expires_in":60"#, "", "\"expires_in\""), (#""AK""#, #""""#, "\"access_key\""),
            (#""SK""#, #""""#, "\"secret_key\""), (#""SK""#, "7", "\"secret_key\""),
            (":60", ":0", "\"expires_in\""), (":60", ":604801", "604800"),
            (":60", ":60.0", "\"expires_in\""), (":60", ":\"60\"", "\"expires_in\""),
            (":60", ":99999999999999999999", "\"expires_in\""), (":60", ":null", "null"),
            (":60", #":60,"expires_in":60"#, "\"expires_in\" twice"),
            (":60", #":60,"method":"get""#, "\"method\""),
            (":60", #":60,"method":"PATCH""#, "GET, PUT, HEAD, DELETE, POST"),
            (":60", #":60,"style":"dns""#, "path, virtual, cname"),
            (":60", #":60,"date":"2025-11-23""#, "\"date\""),
            (":60", #":60,"date":"2025-11-23T18:00:00.5Z""#, "\"date\""),
            (":60", #":60,"date":"2025-02-30T18:00:00Z""#, "\"date\""),
            (":60", #":60,"date":"9999-11-23T18:00:00Z""#, "\"date\""),
            (":60", #":60,"headers":[]"#, "\"headers\" must be an object of strings, not a list"),
            (":60", #":60,"headers":{"a":1}"#, "\"headers.a\" must be a string, not a number"),
            (":60", #":60,"headers":{"host":"a"}"#, "\"headers\""),
            (":60", #":60,"headers":{"a":"b\n"}"#, "\"headers\""),
            (":60", #":60,"headers":{"a":"1","A":"2"}"#, "\"headers\" is wrong: it has A twice"),
            (":60", #":60,"query":{"a":true}"#, "\"query.a\" must be a string, not true or false"),
            (":60", #":60,"query":{"X-Amz-Date":"1"}"#, "\"query\""),
            ("http://localhost:9400", "localhost:9400", "\"endpoint\""),
            ("http://localhost:9400", "http://u@localhost", "\"endpoint\""),
            ("us-east-1", "us/east", "\"region\""), ("sigv4", "sigv2", "\"region\""),
            ("sigv4", "sigv5", "\"scheme\""), (#""scheme":"sigv4","#, "", "\"scheme\""),
        ]
    )
    func refusals(part: String, replacement: String, expected: String) throws {
        let bad = Self.good.replacing(part, with: replacement)
        #expect(bad != Self.good)
        let error = try error(bad)
        #expect(error.contains(expected))
        #expect(!error.contains("SK"))
    }

    @Test(
        "is refused when it is no JSON object",
        arguments: [
            "{", "[]", "1", "null", "{}x", "{'a':1}", #"{"a":1,}"#, #"{"a" 1}"#, #"{"a":01}"#,
            #"{"a":+1}"#, #"{"a":.5}"#, #"{"a":"b}"#, #"{"a":"\x"}"#, #"{"a":"\ud800"}"#,
            #"{"a":"\udc00"}"#, #"{"a":"\ud800\u0041"}"#, #"{"a":"\u0000"}"#, #"{"a":"\u00"}"#,
            "{\"a\":\"\u{1}\"}", #"{"a":tru}"#, #"{"a":[1,]}"#, "\u{feff}{}",
            String(repeating: "[", count: 100_000),
        ]
    )
    func noObject(line: String) throws {
        #expect(try error(line).hasPrefix("the line "))
    }

    @Test("is refused when it is not UTF-8")
    func noText() throws {
        for bytes: [UInt8] in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]] {
            let line = Array(#"{"key":""#.utf8) + bytes + Array(#""}"#.utf8)
            let answer = try #require(BatchLine.answer(line, now: Example.now))
            #expect(try answer.member("error") == "the line is not UTF-8")
        }
    }

    @Test(
        "is refused for a field of another scheme, or a value that its own cannot have",
        arguments: [
            (#""scheme":"sigv2","private_key":"k""#, "\"private_key\""),
            (#""scheme":"sigv2","secret_key":"s","expires_in":0"#, "\"expires_in\""),
            (#""scheme":"sigv2","secret_key":"s","query":{"Expires":"1"}"#, "\"query\""),
            (#""scheme":"sigv2","secret_key":"s","not_before":"x""#, "\"not_before\""),
            (#""scheme":"gcs-v4","secret_key":"s","region":"auto""#, "\"region\""),
            (#""scheme":"gcs-v4","secret_key":"s","private_key":"k""#, "\"secret_key\""),
            (#""scheme":"gcs-v4","private_key":"k""#, "\"private_key\""),
            (#""scheme":"gcs-v4","secret_key":"s","expires_in":604801"#, "\"expires_in\""),
            (#""scheme":"azure-sas","secret_key":"czM=","permissions":"r""#, "\"version\""),
            (
                #""scheme":"azure-sas","secret_key":"czM=","version":"2021-08-06""#,
                "\"permissions\""
            ),
            (Self.azure(#""version":"2019-12-12""#), "\"version\""),
            (Self.azure(#""version":"2021-08-06","secret_key":"?""#), "\"secret_key\""),
            (Self.azure(#""version":"2021-08-06","permissions":"R""#), "\"permissions\""),
            (Self.azure(#""version":"2021-08-06","protocol":"http""#), "\"protocol\""),
            (Self.azure(#""version":"2021-08-06","ip":"10.0.0.0/8""#), "\"ip\""),
            (Self.azure(#""version":"2021-08-06","not_before":"2021-01-01""#), "\"not_before\""),
            (
                Self.azure(#""version":"2021-08-06","not_before":"2099-01-01T00:00:00Z""#),
                "\"not_before\""
            ),
            (Self.azure(#""version":"2021-08-06","query":{"sig":"1"}"#), "\"query\""),
            (Self.azure(#""version":"2021-08-06","resource":"*""#), "\"resource\""),
            (#""scheme":"cloudfront","secret_key":"s""#, "\"secret_key\""),
            (#""scheme":"cloudfront","private_key":"k""#, "\"private_key\""),
        ]
    )
    func otherSchemes(part: String, expected: String) throws {
        let names = part.matches(of: /"([a-z_]+)":/).map { String($0.1) }
        var line = #""endpoint":"http://localhost","bucket":"b","key":"k","access_key":"AK""#
        if !names.contains("expires_in") { line += #","expires_in":60"# }
        let error = try error("{\(part),\(line)}")
        #expect(error.contains(expected))
    }

    private static func azure(_ rest: String) -> String {
        let secret = rest.contains("secret_key") ? "" : #","secret_key":"czM=""#
        let permissions = rest.contains("permissions") ? "" : #","permissions":"r""#
        return #""scheme":"azure-sas"\#(secret)\#(permissions),\#(rest)"#
    }

    @Test("keeps names apart that Unicode calls the same")
    func normalisationForms() throws {
        let line = Self.good.dropLast() + #","query":{"\#u{e9}":"1","e\u0301":"2"}}"#
        let url = try #require(try answer(String(line)).member("url"))
        #expect(url.contains("&e%CC%81=2&") && url.contains("%C3%A9=1"))
    }

    @Test("is read with every escape that JSON has")
    func escapes() throws {
        let line = Self.good.replacing("a.txt", with: #"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"#)
        let url = try #require(try answer(line).member("url"))
        #expect(url.contains("/b/%22%5C/%08%0C%0A%0D%09%C3%A9%F0%9F%98%80?"))
    }

    @Test("is answered in a batch as it is alone, whatever came before it")
    func memory() throws {
        let changes = [
            ("sigv4", "sigv4"), ("a.txt", "b.txt"), ("9400", "9401"), (#""b""#, #""c""#),
            ("us-east-1", "auto"), (#""AK""#, #""AK2""#), (#""SK""#, #""SK2""#),
            (":60", #":60,"style":"virtual""#), (":60", #":60,"service":"s4""#),
            (":60", #":60,"session_token":"t""#), (":60", #":60,"session_token":7"#),
            (#""secret_key":"SK","#, ""), (":60", ":0"), (":60", ":61"),
        ]
        let lines = changes.map { Self.good.replacing($0.0, with: $0.1) }
        for first in lines {
            for second in lines {
                var batch = Batch()
                _ = batch.answer(first.utf8, now: Example.now)
                let answer = batch.answer(second.utf8, now: Example.now)
                #expect(try answer == self.answer(second))
            }
        }
    }
}
