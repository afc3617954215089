// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Publish

/// One case that the reference library signed or judged.
///
/// It is standardwebhooks 1.1.0 for Python; two are the sample of the specification. Keys are made up.
private struct Vector: Decodable {
    var tag: String
    var secret: String
    var body: String
    var id: String?
    var timestamp: Int64?
    var signature: String?
    var now: Int64?
    var headers: [String: String]?
    var valid: Bool?

    static func load() throws -> [Vector] {
        let file = try #require(
            Bundle.module.url(forResource: "Fixtures/standard-webhooks", withExtension: "txt")
        )
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Vector.self, from: $0)
        }
    }
}

@Suite("The signature of a webhook")
struct WebhookSignatureTests {
    private let key = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="
    private let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private let now = Timestamp(seconds: 1_700_000_000)

    private func keys(_ texts: String...) throws -> [WebhookKey] {
        try texts.map { try #require(WebhookKey($0)) }
    }

    @Test("is the reference library's, and judged as it judges")
    func vectors() throws {
        let vectors = try Vector.load()
        #expect(vectors.count == 38)
        for vector in vectors {
            let keys = try keys(vector.secret)
            let body = Array(vector.body.utf8)
            guard let headers = vector.headers, let now = vector.now else {
                let id = try #require(vector.id)
                let moment = Timestamp(seconds: try #require(vector.timestamp))
                let made = WebhookSignature.headers(id: id, at: moment, body: body, keys: keys)
                #expect(
                    made.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"]
                )
                #expect(made.map(\.value) == [id, "\(moment.seconds)", vector.signature])
                #expect(
                    WebhookSignature.isGood(headers: made, body: body, keys: keys, at: moment)
                )
                continue
            }
            let isGood = WebhookSignature.isGood(
                headers: headers.map { ($0, $1) },
                body: body,
                keys: keys,
                at: Timestamp(seconds: now)
            )
            #expect(isGood == vector.valid, "\(vector.tag)")
        }
    }

    @Test("is one by each key while one takes the place of the other")
    func rotation() throws {
        let body = Array("{}".utf8)
        let both = try keys(key, other)
        let headers = WebhookSignature.headers(id: "a", at: now, body: body, keys: both)
        #expect(headers[2].value.split(separator: " ").count == 2)
        for single in [try keys(key), try keys(other)] {
            #expect(WebhookSignature.isGood(headers: headers, body: body, keys: single, at: now))
        }
        let third = try keys("whsec_" + [UInt8](repeating: 9, count: 24).base64)
        #expect(!WebhookSignature.isGood(headers: headers, body: body, keys: third, at: now))
    }

    @Test("is not good with a header twice, without keys, or with a time that is no number")
    func refused() throws {
        let keys = try keys(key)
        let good = WebhookSignature.headers(id: "a", at: now, body: [], keys: keys)
        func isGood(_ headers: [(name: String, value: String)]) -> Bool {
            WebhookSignature.isGood(headers: headers, body: [], keys: keys, at: now)
        }
        #expect(isGood(good))
        for index in good.indices {
            #expect(!isGood(good + [good[index]]))
            for value in ["", " ", "v1,", "v1", "+1700000000", "1.7e9", "99999999999999999999"] {
                var headers = good
                headers[index].value = value
                #expect(!isGood(headers), "\(headers[index])")
            }
        }
        #expect(!WebhookSignature.isGood(headers: good, body: [], keys: [], at: now))
    }

    @Test("has keys of 24 to 64 bytes in base64, and one or two of them in a file")
    func keyTexts() throws {
        for (count, isKey) in [(23, false), (24, true), (64, true), (65, false), (0, false)] {
            let text = [UInt8](repeating: 7, count: count).base64
            #expect((WebhookKey("whsec_" + text) != nil) == isKey)
            #expect((WebhookKey(text) != nil) == isKey)
        }
        for text in ["whsk_" + key.dropFirst(6), key + "!", "whsec_whsec_" + key.dropFirst(6)] {
            #expect(WebhookKey(text) == nil)
        }
        for (file, count) in [
            (key, 1), (key + "\n", 1), ("\(key)\n\(other)\n", 2), ("\(key)\r\n\(other)\r\n", 2),
            ("\(key) \(other)", 2), ("", nil), ("\n", nil), ("\(key)\nnone\n", nil),
            ("\(key)\n\(key)\n\(key)\n", nil),
        ] as [(String, Int?)] {
            #expect(WebhookKey.keys(in: Array(file.utf8))?.count == count)
        }
        #expect("\(try keys(key)[0])" == "<redacted>")
    }
}
