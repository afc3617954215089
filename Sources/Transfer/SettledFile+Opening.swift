// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension SettledFile {
    /// Opens this file, if it is still as it had settled.
    func open() throws(SourceError) -> SourceFile {
        let file = try WatchedRoot(path: root).open(name)
        guard file.stamp == stamp else { throw .changed }
        return file
    }

    /// Throws when the open file is not as it had settled any more: gone, or changed.
    func requireUnchanged(_ file: SourceFile) throws(SourceError) {
        guard try !file.isStill(stamp) else { return }
        throw try WatchedRoot(path: root).has(name) ? .changed : .vanished
    }
}
