// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Watch

/// The files that a path of `presignd upload` means: itself, or all beneath it, in batches.
///
/// A folder's own name is part of its files' names: `upload photos` gives `photos/a.jpg`. Files that
/// the watcher would ignore are left out of folders, but taken when they are named themselves.
struct FolderWalk: Sequence, IteratorProtocol {
    enum Element {
        case files([SettledFile])
        /// A path that is no file to upload, and why.
        case problem(path: String, String)
        /// What lies in a folder and is left out, and the rule that says so.
        case ignored(path: String, rule: String)
    }

    private static let batchSize = 256
    private let root: String
    private let handle: FolderHandle?
    private var open: [FileName] = []
    private var files: [SettledFile] = []
    private var problems: [(String, String)] = []
    private var ignored: [(String, String)] = []

    init(_ path: [UInt8]) {
        let slash = path.lastIndex(of: UInt8(ascii: "/")) ?? 0
        root = slash == 0 ? "/" : String(decoding: path[..<slash], as: UTF8.self)
        do {
            handle = try FolderHandle(path: root)
            visit(FileName(bytes: Array(path[(slash + 1)...])), isNamed: true)
        } catch {
            handle = nil
            problems.append((NameText.shown(path), SystemText.text(error.number)))
        }
    }

    mutating func next() -> Element? {
        while files.count < Self.batchSize, let folder = open.popLast() { list(folder) }
        if let (path, problem) = problems.popLast() { return .problem(path: path, problem) }
        if let (path, rule) = ignored.popLast() { return .ignored(path: path, rule: rule) }
        guard !files.isEmpty else { return nil }
        defer { files = [] }
        return .files(files)
    }

    private mutating func list(_ folder: FileName) {
        guard let inside = handle?.folder(folder) else {
            problems.append(("\(root)/\(folder)", SystemText.text(errno)))
            return
        }
        do {
            for name in try inside.names() {
                if let rule = IgnoreRules().rule(ignoring: FileName(bytes: name)) {
                    ignored.append(("\(root)/\(folder.appending(name))", rule))
                    continue
                }
                visit(folder.appending(name), isNamed: false)
            }
        } catch {
            problems.append(("\(root)/\(folder)", SystemText.text(error.number)))
        }
    }

    private mutating func visit(_ name: FileName, isNamed: Bool) {
        switch handle?.look(at: name) {
        case .file(let stamp):
            files.append(SettledFile(root: root, name: name, stamp: stamp))
        case .folder:
            open.append(name)
        case .other where isNamed:
            problems.append(("\(root)/\(name)", "only regular files are uploaded"))
        case .other:
            break
        case .error(let number):
            problems.append(("\(root)/\(name)", SystemText.text(number)))
        case nil:
            break
        }
    }
}
