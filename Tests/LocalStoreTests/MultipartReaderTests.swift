// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import LocalStore

@Suite("The reader of a form's parts")
struct MultipartReaderTests {
    /// What was read: heads with their data, as text.
    private struct Read: Equatable {
        var names: [String] = []
        var fileNames: [[UInt8]?] = []
        var data: [[UInt8]] = []
        var isEnded = false
    }

    private static let boundary = "xYz"

    private func read(_ chunks: [ArraySlice<UInt8>], boundary: String = boundary) throws -> Read {
        var reader = MultipartReader(boundary: boundary)
        var read = Read()
        var total = 0
        for chunk in chunks {
            reader.append(ByteBuffer(bytes: chunk))
            total += chunk.count
            while let event = try reader.next() {
                switch event {
                case .part(let head):
                    read.names.append(head.name)
                    read.fileNames.append(head.fileName)
                    read.data.append([])
                case .data(let bytes):
                    #expect(bytes.readableBytes > 0)
                    read.data[read.data.count - 1] += bytes.readableBytesView
                case .endOfPart: break
                case .end: read.isEnded = true
                }
            }
            // Never more is held than a head and a delimiter.
            #expect(total - reader.consumed <= MultipartReader.longestHead + 80)
        }
        return read
    }

    private func read(_ text: String) throws -> Read { try read([Array(text.utf8)[...]]) }

    private static func form(_ parts: [(head: String, data: [UInt8])]) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in parts {
            bytes += "--\(boundary)\r\nContent-Disposition: form-data; \(part.head)\r\n\r\n".utf8
            bytes += part.data
            bytes += "\r\n".utf8
        }
        return bytes + "--\(boundary)--\r\n".utf8
    }

    private let example = form([
        (#"name="key""#, Array("a/${filename}".utf8)), (#"name=empty"#, []),
        (
            #"name="file"; filename="a b.txt""#,
            Array("\r\n--xY\r\n--xYy\r\n\r\r\n--\r\n--x--xYz".utf8)
        ),
    ])

    private var expected: Read {
        Read(
            names: ["key", "empty", "file"],
            fileNames: [nil, nil, Array("a b.txt".utf8)],
            data: [
                Array("a/${filename}".utf8), [],
                Array("\r\n--xY\r\n--xYy\r\n\r\r\n--\r\n--x--xYz".utf8),
            ],
            isEnded: true
        )
    }

    @Test("gives parts and their data, though the data look like a delimiter")
    func whole() throws {
        #expect(try read([example[...]]) == expected)
    }

    @Test("does not mind where the body is cut")
    func cuts() throws {
        for index in 0...example.count {
            #expect(try read([example[..<index], example[index...]]) == expected)
            for other in stride(from: index, through: example.count, by: 7) {
                #expect(
                    try read([example[..<index], example[index..<other], example[other...]])
                        == expected
                )
            }
        }
        #expect(try read(example.map { [$0][...] }) == expected)
    }

    @Test("passes over what stands before the first delimiter and behind the last")
    func around() throws {
        let before = Array("This is a form.\r\n--xY\r\n".utf8)
        let after = Array("--xYz\r\n nothing\r\n--xYz--".utf8)
        #expect(try read([(before + example + after)[...]]) == expected)
        #expect(try read("--xYz--") == Read(isEnded: true))
        #expect(try read("--xYz") == Read())
    }

    @Test("finds any data again, cut anywhere", arguments: 0..<200)
    func anyData(seed: Int) throws {
        var chance = Chance(state: UInt64(seed))
        let alphabet = Array("\r\n-xYz\0é".utf8)
        let parts = (0..<Int.random(in: 1...5, using: &chance)).map { index in
            var data = (0..<Int.random(in: 0...300, using: &chance)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &chance)]
            }
            // A delimiter in the data would be one.
            while let found = data.firstRange(of: Array("\r\n--xYz".utf8)) {
                data.removeSubrange(found)
            }
            if data.starts(with: Array("--xYz".utf8)) { data = [] }
            return (head: #"name="f\#(index)""#, data: data)
        }
        let bytes = Self.form(parts)
        var chunks: [ArraySlice<UInt8>] = []
        var index = 0
        while index < bytes.count {
            let end = min(bytes.count, index + Int.random(in: 1...40, using: &chance))
            chunks.append(bytes[index..<end])
            index = end
        }
        let read = try read(chunks)
        #expect(read.names == parts.indices.map { "f\($0)" })
        #expect(read.data == parts.map(\.data))
        #expect(read.isEnded)
    }

    @Test("neither traps nor hoards on any bytes", arguments: 0..<400)
    func anyBytes(seed: Int) throws {
        var chance = Chance(state: UInt64(seed) &+ 10_000)
        let words = [
            "--xYz", "\r\n", "--", "Content-Disposition: form-data", ";", " name=", "\"", "a", ":",
            "\r\n\r\n", "filename=", "\\", "\0", "\u{ff}", "Content-Transfer-Encoding: base64",
        ]
        let text = (0..<Int.random(in: 0...60, using: &chance)).map { _ in
            words[Int.random(in: 0..<words.count, using: &chance)]
        }
        let whole = Result { try read(text.joined()) }
        let pieces = Result { try read(Array(text.joined().utf8).map { [$0][...] }) }
        switch (whole, pieces) {
        case (.success(let a), .success(let b)): #expect(a == b)
        case (.failure(let a), .failure(let b)):
            #expect(a is Refusal && b is Refusal)
        default: Issue.record("\(text) depends on where it is cut")
        }
    }

    @Test(
        "refuses a body that is no form",
        arguments: [
            "--xYz\r\n\r\n\r\ndata", "--xYz \r\n", "--xYzz\r\n",
            "--xYz\r\nContent-Type: text/plain\r\n\r\n", "--xYz\r\nno colon\r\n\r\n",
            "--xYz\r\nContent-Disposition: attachment; name=a\r\n\r\n",
            "--xYz\r\nContent-Disposition: form-data; name\r\n\r\n",
            "--xYz\r\nContent-Disposition: form-data; name=\"a\r\n\r\n",
            "--xYz\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n",
            "--xYz\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n\r\n",
            "--xYz\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        ]
    )
    func malformed(text: String) {
        #expect(throws: Refusal.malformedForm) { try read(text) }
    }

    @Test("bounds the head of a part")
    func longHead() {
        let long = String(repeating: "a", count: MultipartReader.longestHead)
        #expect(throws: Refusal.malformedForm) { try read("--xYz\r\nx: \(long)") }
    }

    @Test(
        "reads names as browsers and curl write them",
        arguments: [
            (#"form-data; name="file"; filename="a.txt""#, "a.txt"),
            (#"FORM-DATA;name=file;filename=a.txt"#, "a.txt"),
            (#"form-data; name="file"; filename="a\"b;c.txt""#, #"a"b;c.txt"#),
            (#"form-data; filename="C:\dir\a.txt"; name="file""#, #"C:\dir\a.txt"#),
            (#"form-data; name="File"; filename="a%22b""#, "a%22b"),
            (#"form-data; name="file"; filename="""#, ""),
            (#"form-data; name="file"; filename="日本.txt"; filename*=UTF-8''x"#, "日本.txt"),
        ]
    )
    func names(value: String, fileName: String) throws {
        let head = try #require(PartHead(Array("content-disposition: \(value)".utf8)))
        #expect(head.isFile && head.fileName == Array(fileName.utf8))
    }

    @Test("finds the boundary in Content-Type, or says that there is none")
    func boundaries() {
        let cases: [(String?, FormBoundary)] = [
            ("multipart/form-data; boundary=abc", .text("abc")),
            ("Multipart/Form-Data ; charset=x; Boundary=\"a b?\"", .text("a b?")),
            (
                "multipart/form-data;boundary=----WebKitFormBoundaryX1",
                .text("----WebKitFormBoundaryX1")
            ),
            (nil, .none), ("text/plain", .none), ("multipart/mixed; boundary=a", .none),
            ("multipart/form-data", .missing), ("multipart/form-data; boundary=", .missing),
            ("multipart/form-data; boundary=a; boundary=b", .missing),
            ("multipart/form-data; boundary=\"a\r\"", .missing),
            ("multipart/form-data; boundary=" + String(repeating: "a", count: 71), .missing),
        ]
        for (type, boundary) in cases {
            #expect(FormBoundary(contentType: type) == boundary, "\(type ?? "nil")")
        }
    }
}

/// Chance that repeats itself: SplitMix64.
struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
