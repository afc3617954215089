// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Watch

@Suite("The table of folders")
struct FolderTableTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("renames all beneath a moved folder in one change")
    func move() {
        var folders = FolderTable()
        let a = folders.add(bytes("a"), in: FolderTable.root, seen: 0)
        let b = folders.add(bytes("b"), in: a, seen: 0)
        let other = folders.add(bytes("other"), in: FolderTable.root, seen: 0)
        #expect(folders.name(of: b) == FileName("a/b"))
        folders.move(a, to: other, as: bytes("z"), seen: 0)
        #expect(folders.name(of: b) == FileName("other/z/b"))
        #expect(folders.folder(bytes("a"), in: FolderTable.root) == nil)
        #expect(folders.folder(at: bytes("other/z/b").split(separator: 0x2f)) == b)
        #expect(folders.isFolder(b, within: other))
        #expect(!folders.isFolder(other, within: b))
    }

    @Test("gives back the watches of all that is removed")
    func remove() {
        var folders = FolderTable()
        let a = folders.add(bytes("a"), in: FolderTable.root, seen: 0)
        let b = folders.add(bytes("b"), in: a, seen: 0)
        folders.setWatch(1, of: FolderTable.root)
        folders.setWatch(2, of: a)
        folders.setWatch(3, of: b)
        #expect(folders.unwatched.isEmpty)
        #expect(folders.remove(a).sorted() == [2, 3])
        #expect(folders.count == 1)
        #expect(folders.name(of: b) == nil)
        #expect(folders.folder(watchedBy: 3) == nil)
        #expect(folders.folder(bytes("b"), in: a) == nil)
    }

    @Test("knows the topmost folders that cannot be watched")
    func unwatched() {
        var folders = FolderTable()
        folders.setWatch(1, of: FolderTable.root)
        let a = folders.add(bytes("a"), in: FolderTable.root, seen: 0)
        let b = folders.add(bytes("b"), in: a, seen: 0)
        #expect(folders.topmostUnwatched == [a])
        folders.setWatch(2, of: a)
        #expect(folders.topmostUnwatched == [b])
    }
}

@Suite("The index of names")
struct NameIndexTests {
    @Test("finds what is in it after any mix of changes")
    func model() {
        var index = NameIndex()
        var model: Set<Int32> = []
        var state: UInt64 = 88_172_645_463_325_252
        // Few hashes, so that they collide all the time.
        func hash(_ number: Int32) -> Int { Int(number) &* 7 % 61 }
        for _ in 0..<20_000 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            let number = Int32(state % 500)
            if model.contains(number) {
                index.remove(number, hash)
                model.remove(number)
            } else {
                index.insert(number, hash)
                model.insert(number)
            }
            let other = Int32((state >> 32) % 500)
            let found = index.find(hash(other)) { $0 == other }
            #expect((found == other) == model.contains(other))
        }
    }
}
