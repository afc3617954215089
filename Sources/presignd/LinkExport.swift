// SPDX-License-Identifier: Apache-2.0

import Control
import Daemon
import Glibc
import Jobs
import Manifests

/// Prints links in a form of the manifest, a page at a time: a million of them take no memory.
struct LinkExport: Sendable {
    private static let pageSize = 1_000

    let format: ManifestFormat
    /// Which links; those that work, unless it says otherwise.
    var query: LinkQuery
    /// The most to print.
    let limit: Int?

    func run(_ common: CommonOptions) async throws {
        var query = query
        if query.state == nil, query.expiringIn == nil { query.state = "live" }
        let unsignable = try await common.withOperations { [query] operations in
            try await write(query, from: operations)
        }
        guard unsignable == 0 else {
            throw CommandFailure.failed(
                "\(unsignable) links cannot be made again: their store or its key is not in the "
                    + "configuration any more; the manifest still has them"
            )
        }
    }

    private func write(_ query: LinkQuery, from operations: any Operations) async throws -> Int {
        var page = LinkPageQuery(links: query)
        var writer: (any FormatWriter)?
        var unsignable = 0
        var left = limit ?? .max
        repeat {
            page.links.limit = Self.pageSize
            let answer = try await operations.linkPage(page)
            var out: [UInt8] = []
            if writer == nil {
                writer = format.writer(at: WallClock.now(), isShared: answer.isShared)
                writer?.begin(&out)
            }
            for text in answer.lines.prefix(left) {
                let line = Array(text.utf8)
                writer?.append(try ManifestReader.entry(of: line), line: line[...], to: &out)
            }
            left -= answer.lines.count
            page.number += Int64(answer.lines.count)
            page.after = answer.next
            unsignable += answer.unsignable
            if page.after == nil || left <= 0 { writer?.end(&out) }
            Terminal.write(out, to: STDOUT_FILENO)
        } while page.after != nil && left > 0
        return unsignable
    }
}
