// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Sign

/// One case of a fixture: a line of a batch, and the URL another program signed for it.
///
/// `sigv4.txt`, `sigv2.txt`, `cloudfront.txt`: botocore 1.44.5 (one case: the Amazon S3 API
/// Reference). `gcs-v4.txt`: google-cloud-storage 3.17.1. `azure-sas.txt`: azure-storage-blob 12.31.1.
/// `seed.txt`: the AWS SDK for Go v2. Each case is two lines; keys and secrets are made up or published examples.
struct Vector: Sendable {
    let line: [UInt8]
    let url: String

    static func load(_ name: String) throws -> [Vector] {
        let file = try #require(
            Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "txt")
        )
        let lines = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
        return stride(from: 0, to: lines.count, by: 2).map { index in
            Vector(
                line: Array(lines[index]),
                url: String(decoding: lines[index + 1], as: UTF8.self)
            )
        }
    }
}

/// A URL as a store sees it: two are equal when a store cannot tell them apart.
struct SeenURL: Hashable {
    let origin: String
    let target: [UInt8]
    let path: [UInt8]
    var parameters: [[[UInt8]]]

    /// The `Host` header that goes with the URL.
    var host: String { String(origin.drop { $0 != ":" }.dropFirst(3)) }

    init(_ url: String) throws {
        let bytes = Array(url.utf8)
        try #require(bytes.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") })
        let scheme = url.hasPrefix("https://") ? "https" : "http"
        let rest = bytes.dropFirst(scheme.utf8.count + 3)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") }
        let endpoint = try Endpoint("\(scheme)://" + String(decoding: authority, as: UTF8.self))
        origin = "\(scheme)://\(endpoint.authority())"
        target = Array(rest.dropFirst(authority.count))
        path = Array(target.prefix { $0 != UInt8(ascii: "?") })
        let query = target.dropFirst(path.count + 1)
        try #require(!query.contains(UInt8(ascii: "+")))
        parameters = try query.split(separator: UInt8(ascii: "&")).map { part in
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            return [
                try #require([UInt8](percentDecoding: name)),
                try #require([UInt8](percentDecoding: part.dropFirst(name.count + 1))),
            ]
        }
        .sorted { $0.joined().lexicographicallyPrecedes($1.joined()) }
    }

    /// The URL without the parameters that repeat a header of the request.
    func without(headersOf line: [UInt8]) throws -> SeenURL {
        let names = try BatchFields(line).pairs("headers").map { $0.name.lowercased() }
        var copy = self
        copy.parameters.removeAll {
            names.contains(String(decoding: $0[0], as: UTF8.self).lowercased())
        }
        return copy
    }

    static func == (a: SeenURL, b: SeenURL) -> Bool {
        a.origin == b.origin && a.path == b.path && a.parameters == b.parameters
    }

    func hash(into hasher: inout Hasher) { hasher.combine(path) }
}

extension BatchLine {
    /// What the answer is a sentence about, for tests: the URL or the error.
    func member(_ name: String) throws -> String? {
        guard case .object(let members) = try JSONReader.read(line),
            case .text(let bytes)? = members.first(where: { $0.name.elementsEqual(name.utf8) })?
                .value
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
