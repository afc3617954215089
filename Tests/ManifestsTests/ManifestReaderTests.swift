// SPDX-License-Identifier: Apache-2.0

import Jobs
import Manifests
import Testing

@Suite("Reading a manifest")
struct ManifestReaderTests {
    @Test("gives back every field")
    func fields() throws {
        let told = try event(sequence: 7, versionID: "v1")
        let entry = try ManifestReader.entry(of: ManifestLine.bytes(of: told))
        #expect(entry.sequence == 7)
        #expect(entry.event == "link.created")
        #expect(entry.id == told.link.id)
        #expect(entry.revision == 1)
        #expect(entry.template == "inbox")
        #expect(entry.name == told.name)
        #expect(entry.size == 52_311)
        #expect(entry.modified == told.modified)
        #expect(entry.sha256 == told.receipt.sha256)
        #expect(entry.crc64nvme == told.receipt.crc64nvme)
        #expect(entry.contentType == "application/pdf")
        #expect(entry.store == "local")
        #expect(entry.bucket == "local")
        #expect(entry.key == told.key)
        #expect(entry.etag == told.receipt.etag)
        #expect(entry.versionID == "v1")
        #expect(entry.integrity == "signed")
        #expect(entry.method == "GET")
        #expect(entry.url == told.url)
        #expect(entry.expiresIn == 86_400)
        #expect(entry.issuedAt == told.link.issuedAt)
        #expect(entry.expiresAt == told.link.expiresAt)
        #expect(entry.limitedBy == "asked")
        #expect(entry.provenAt == told.link.provenAt)
    }

    @Test("ignores keys it does not know, and spaces, and the order")
    func unknownKeys() throws {
        let line = String(decoding: ManifestLine.bytes(of: try event()), as: UTF8.self)
        let extended = line.replacing(
            "{\"seq\":1,",
            with:
                "\t{ \"new\" : [ 1.5e+3, -0, {\"a\":null}, true, \"\\ud83d\\ude00\" ] , \"seq\" : 1 ,"
        )
        #expect(try ManifestReader.entry(of: Array(extended.utf8)).sequence == 1)
    }

    @Test("takes no front part of a line for a line")
    func everyCut() throws {
        let line = ManifestLine.bytes(of: try event(sequence: 12))
        for count in 0..<(line.count - 1) {
            let front = line.prefix(count)
            #expect(throws: ManifestError.self) { try ManifestReader.entry(of: front) }
            #expect(ManifestReader.sequence(of: front) == nil)
            #expect(ManifestReader.split(front).torn == front)
        }
    }

    @Test("survives any single wrong byte")
    func everyByte() throws {
        let line = ManifestLine.bytes(of: try event())
        for index in line.indices {
            for byte: UInt8 in [0x00, 0x22, 0x5c, 0x7b, 0x7d, 0x39, 0xff] {
                var broken = line
                broken[index] = byte
                // Either answer is right; a trap is not.
                let entry = try? ManifestReader.entry(of: broken)
                if byte == 0xff || byte == 0 { #expect(entry == nil) }
            }
        }
    }

    @Test(
        "refuses what is no manifest line",
        arguments: [
            "", "null", "[]", "{}", "{\"seq\":1}", "{\"seq\":\"1\"}", "{\"seq\":1,\"seq\":2}",
            "{\"seq\":1}x", "{\"seq\":01}", "{\"seq\":1e400}", "{\"seq\":\"\\ud800\"}",
            "{\"seq\":\"\\u12\"}", "{\"seq\":\"a\tb\"}", "{\"seq\":1,}", "{'seq':1}", "{\"seq\":-",
            "{\"seq\":tru}", "{\"seq\":99999999999999999999}",
        ]
    )
    func refuses(text: String) {
        #expect(throws: ManifestError.self) { try ManifestReader.entry(of: Array(text.utf8)) }
    }

    @Test("refuses deep nesting and long lines without trying them")
    func limits() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 500_000)
        #expect(throws: ManifestError.self) { try ManifestReader.entry(of: deep) }
        let long = [UInt8](repeating: 0x20, count: ManifestReader.maximumLength + 1)
        #expect(throws: ManifestError.self) { try ManifestReader.entry(of: long) }
    }

    @Test("refuses a time that 64 bits of nanoseconds cannot hold")
    func farFuture() throws {
        let line = String(decoding: ManifestLine.bytes(of: try event()), as: UTF8.self)
        let far = line.replacing("2026-11-24T18:00:00Z", with: "9999-11-24T18:00:00Z")
        #expect(throws: ManifestError.self) { try ManifestReader.entry(of: Array(far.utf8)) }
    }

    @Test("reads the number of a line of a later version")
    func laterVersion() {
        #expect(ManifestReader.sequence(of: Array("{\"v\":9,\"seq\":41}\n".utf8)) == 41)
        #expect(ManifestReader.sequence(of: Array("{\"seq\":0}".utf8)) == nil)
        #expect(ManifestReader.sequence(of: Array("{\"seq\":-3}".utf8)) == nil)
    }

    @Test("shows nothing of the line in an error")
    func errorsAreSilent() throws {
        let line = String(decoding: ManifestLine.bytes(of: try event()), as: UTF8.self)
        let broken = Array(line.replacing("\"size\":52311", with: "\"size\":\"x\"").utf8)
        let error = #expect(throws: ManifestError.self) { try ManifestReader.entry(of: broken) }
        #expect(error?.description.contains("X-Amz") == false)
        #expect(error?.description.contains("\"size\"") == true)
    }

    @Test("splits whole lines from a torn one")
    func split() {
        let (lines, torn) = ManifestReader.split(Array("a\n\nbc\nd".utf8)[...])
        #expect(lines.map { Array($0) } == ["a", "", "bc"].map { Array($0.utf8) })
        #expect(Array(torn) == Array("d".utf8))
    }
}
