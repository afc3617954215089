// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Objects

func job(
    _ name: FileName,
    onExists: OnExists = .fail,
    disposition: Disposition = .attachment
) throws -> Job {
    let template = Template(
        name: "inbox",
        watch: "/srv/inbox",
        store: "media",
        key: try KeyTemplate("{id}/{path}"),
        onExists: onExists,
        link: LinkSettings(disposition: disposition),
        publish: ["links"]
    )
    let id = UniqueID(at: Timestamp(seconds: 1_795_456_800), random: (1, 2))
    let stamp = FileStamp(
        size: 3,
        modified: Timestamp(seconds: 1),
        changed: Timestamp(seconds: 1),
        inode: 7
    )
    return Job(
        id: id,
        template: template,
        file: SettledFile(root: "/srv/inbox", name: name, stamp: stamp),
        key: ObjectKey("k/a.pdf"),
        queuedAt: Timestamp(seconds: 1_795_456_800)
    )
}

@Suite("What is asked of a store")
struct UploadPlanTests {
    @Test("an upload signs type, disposition, size, id, checksum and the guard of its key")
    func upload() throws {
        let job = try job(FileName("a.pdf"))
        let request = UploadPlan(job).put(
            size: 9,
            crc64nvme: 0xae8b_1486_0a79_9888,
            guarded: true
        )
        #expect(request.method == .put)
        #expect(request.key == ObjectKey("k/a.pdf"))
        #expect(request.lifetime == 900)
        #expect(request.query.isEmpty)
        #expect(
            request.headers == [
                Header("content-type", "application/pdf"),
                Header("content-disposition", #"attachment; filename="a.pdf""#),
                Header("x-amz-meta-presignd-id", job.id.description),
                Header("content-length", "9"),
                Header("x-amz-checksum-crc64nvme", "rosUhgp5mIg="),
                Header("if-none-match", "*"),
            ]
        )
    }

    @Test("an upload whose checksum is not known and whose key may be replaced has neither header")
    func plain() throws {
        let plan = UploadPlan(try job(FileName("a.pdf"), onExists: .overwrite))
        #expect(!plan.guardsKey)
        let names = plan.put(size: 0, crc64nvme: nil, guarded: plan.guardsKey).headers.map(\.name)
        #expect(!names.contains("x-amz-checksum-crc64nvme"))
        #expect(!names.contains("if-none-match"))
    }

    @Test("a checksum is read as it is written, and nothing else is")
    func checksumText() {
        #expect(UploadPlan.checksum("rosUhgp5mIg=") == 0xae8b_1486_0a79_9888)
        #expect(UploadPlan.checksum("AAAAAAAAAAA=") == 0)
        #expect(UploadPlan.checksum("rosUhgp5mIg=-2") == nil)
        #expect(UploadPlan.checksum("AAAA") == nil)
    }

    @Test("a HEAD asks for the checksum")
    func head() {
        let request = StoreDialect.s3.head(ObjectKey("k"))
        #expect(request.method == .head)
        #expect(request.headers == [Header("x-amz-checksum-mode", "ENABLED")])
    }

    @Test(
        "a link pins the version only where keys are overwritten or others'",
        arguments: [
            (OnExists.overwrite, "v1" as String?, [QueryItem("versionId", "v1")]),
            (.overwrite, nil, []), (.fail, "v1", []), (.rename, "v1", []),
            (.skipIfSame, "v1", [QueryItem("versionId", "v1")]),
        ]
    )
    func link(onExists: OnExists, version: String?, query: [QueryItem]) throws {
        let receipt = Receipt(
            size: 1,
            sha256: [],
            crc64nvme: 0,
            contentType: "",
            etag: "",
            versionID: version,
            integrity: .signed
        )
        let job = try job(FileName("a"), onExists: onExists)
        let request = StoreDialect.s3.link(job, receipt: receipt, lifetime: 60)
        #expect(request.method == .get)
        #expect(request.query == query)
        #expect(request.headers.isEmpty)
        #expect(request.lifetime == 60)
    }

    @Test("a removal names the key and nothing else")
    func delete() {
        let wanted = ObjectRequest(.delete, ObjectKey("k"), lifetime: 900)
        #expect(ObjectRequest.delete(ObjectKey("k")) == wanted)
    }
}

@Suite("The type of a file")
struct ContentTypeTests {
    @Test(
        "follows the end of the name",
        arguments: [
            ("a.pdf", "application/pdf"), ("b/A.JPG", "image/jpeg"),
            ("x.tar.gz", "application/gzip"),
            ("a.unknown", "application/octet-stream"), ("none", "application/octet-stream"),
            ("dir.pdf/none", "application/octet-stream"), (".html", "application/octet-stream"),
            ("a.", "application/octet-stream"), ("a.html", "text/html"), ("a.svg", "image/svg+xml"),
            ("a.mp4", "video/mp4"), ("a.é", "application/octet-stream"), ("a.txt", "text/plain"),
        ]
    )
    func types(name: String, type: String) {
        #expect(ContentType.detect(name: FileName(name), head: [], shown: .attachment) == type)
    }

    @Test(
        "never lets a browser run a file that is shown in place",
        arguments: ["html", "htm", "xhtml", "svg", "xml", "HTML", "gpx"]
    )
    func active(ending: String) {
        #expect(
            ContentType.detect(name: FileName("a.\(ending)"), head: [], shown: .inline)
                == "text/plain"
        )
    }

    @Test("keeps the type of harmless files that are shown in place")
    func harmless() {
        #expect(
            ContentType.detect(name: FileName("a.pdf"), head: [], shown: .inline)
                == "application/pdf"
        )
        #expect(
            ContentType.detect(name: FileName("a.png"), head: [], shown: .inline) == "image/png"
        )
    }
}

@Suite("The name a browser saves a file under")
struct ContentDispositionTests {
    @Test(
        "is plain ASCII, and whole in filename* where that is not enough",
        arguments: [
            (Array("r/a b.pdf".utf8), #"attachment; filename="a b.pdf""#),
            (Array("é.txt".utf8), "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A9.txt"),
            (
                Array("a\"b\\c.txt".utf8),
                "attachment; filename=\"a_b_c.txt\"; filename*=UTF-8''a%22b%5Cc.txt"
            ),
            (
                Array("50%.txt".utf8),
                "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt"
            ),
            (
                Array("a\r\nX: y.txt".utf8),
                "attachment; filename=\"a_0D_0AX: y.txt\"; filename*=UTF-8''a%250D%250AX%3A%20y.txt"
            ),
            (
                [0x61, 0xff, 0x2e, 0x74],
                "attachment; filename=\"a_FF.t\"; filename*=UTF-8''a%25FF.t"
            ),
            (
                Array("\u{202e}gpj.exe".utf8),
                "attachment; filename=\"_E2_80_AEgpj.exe\"; "
                    + "filename*=UTF-8''%25E2%2580%25AEgpj.exe"
            ),
            (
                Array("日本.pdf".utf8),
                "attachment; filename=\"__.pdf\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.pdf"
            ),
        ] as [([UInt8], String)]
    )
    func values(name: [UInt8], header: String) {
        #expect(ContentDisposition.value(.attachment, FileName(bytes: name)) == header)
    }

    @Test("is one line of printable ASCII whatever the name")
    func always() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let name = (0..<Int.random(in: 1...40, using: &random))
                .map { _ in UInt8.random(in: 1...255, using: &random) }
            let header = ContentDisposition.value(.inline, FileName(bytes: name))
            #expect(header.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }, "\(name)")
            #expect(header.hasPrefix("inline; filename=\""))
        }
    }
}
