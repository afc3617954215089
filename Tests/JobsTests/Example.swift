// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Values that tests begin from.
enum Example {
    static let moment = Timestamp(seconds: 1_800_000_000)
    static let id = UniqueID(at: moment, random: (1, 2))
    static let stamp = FileStamp(size: 5, modified: moment, changed: moment, inode: 7)
    static let receipt = Receipt(
        size: 5,
        sha256: Array(repeating: 1, count: 32),
        crc64nvme: 9,
        contentType: "application/pdf",
        etag: "e",
        integrity: .signed
    )

    static var job: Job {
        get {
            Job(
                id: id,
                template: template,
                file: SettledFile(root: "/srv/inbox", name: FileName("a.pdf"), stamp: stamp),
                key: ObjectKey("k"),
                queuedAt: moment
            )
        }
    }

    private static var template: Template {
        // A literal that is known to be right; the parser's own tests say what is wrong.
        guard let key = try? KeyTemplate("{id}/{path}") else { preconditionFailure() }
        return Template(
            name: "inbox",
            watch: "/srv/inbox",
            store: "local",
            key: key,
            publish: ["links"]
        )
    }
}
