// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Queue

/// Looks at files by name, with one `stat` each.
extension MissingFiles {
    /// Which of these names are missing, and how many are there.
    func missing(
        of names: [FileName],
        in root: String
    ) throws -> (names: [FileName], present: Int) {
        let (findings, present) = try look(at: names.map { ($0, nil) }, in: root)
        return (findings.missing, present)
    }

    /// What is news of these files, and how many are there.
    ///
    /// One that nothing can be said of, since it cannot be looked at, is neither missing nor there.
    func look(
        at files: [HandledFile],
        in root: String
    ) throws -> (findings: Findings, present: Int) {
        try look(at: files.map { ($0.name, $0.missingSince) }, in: root)
    }

    private func look(
        at files: [(name: FileName, missingSince: Timestamp?)],
        in root: String
    ) throws -> (findings: Findings, present: Int) {
        var findings = Findings()
        var present = 0
        let handle = try FolderHandle(path: root)
        // Names come in order, so those of one folder follow each other.
        var parent: (name: [UInt8], handle: FolderHandle?, isKnown: Bool) = ([], handle, true)
        for file in files {
            let front = Array(file.name.bytes.dropLast(file.name.lastPart.count))
            if front != parent.name {
                do throws(RemovalError) {
                    parent = (front, try handle.parent(of: file.name).0, true)
                } catch {
                    // What cannot be looked into keeps nobody from looking elsewhere.
                    parent = (front, nil, false)
                }
            }
            guard parent.isKnown else { continue }
            let isMissing: Bool
            switch parent.handle?.look(at: FileName(bytes: Array(file.name.lastPart))) {
            case nil: isMissing = true
            case .error(let number):
                // Whatever else is wrong may pass.
                guard number == ENOENT || number == ENOTDIR else { continue }
                isMissing = true
            case .file, .folder, .other: isMissing = false
            }
            if !isMissing { present += 1 }
            switch (isMissing, file.missingSince) {
            case (true, nil): findings.missing.append(file.name)
            case (true, let since?):
                if now() - since >= Self.grace { findings.gone.append(file.name) }
            case (false, nil): break
            case (false, _?): findings.back.append(file.name)
            }
        }
        return (findings, present)
    }
}
