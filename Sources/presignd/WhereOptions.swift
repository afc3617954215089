// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `--where`, the same for every command that picks jobs.
struct WhereOptions: ParsableArguments {
    @Option(
        name: .customLong("where"),
        help: "Only jobs with code=CODE, store=NAME or path=GLOB; may be given for each of them."
    )
    var words: [WhereWord] = []

    /// The code of the last failure.
    var code: String? { value(of: .code) }
    /// The store's name.
    var store: String? { value(of: .store) }
    /// What the path beneath the watched folder is like: `*` and `?` also stand for `/`.
    var path: String? { value(of: .path) }

    func validate() throws {
        let keys = words.map(\.key)
        guard let twice = keys.first(where: { key in keys.count { $0 == key } > 1 }) else { return }
        throw ValidationError("--where \(twice.rawValue)= is given twice; one job has one")
    }

    private func value(of key: WhereWord.Key) -> String? { words.first { $0.key == key }?.value }
}

/// One `key=value` of `--where`.
struct WhereWord: ExpressibleByArgument, Sendable {
    enum Key: String, CaseIterable, Sendable { case code, store, path }

    let key: Key
    let value: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let key = Key(rawValue: String(parts[0])) else { return nil }
        self.key = key
        value = String(parts[1])
    }
}
