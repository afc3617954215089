// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Daemon

@Suite("Places for files on their way (U3)")
struct TransferPlacesTests {
    private func taken(_ places: inout TransferPlaces, _ size: Int64) -> Int {
        (0..<1_000).prefix { _ in places.take(size: size) }.count
    }

    @Test("are 16 for large files and more for small ones")
    func usual() {
        var places = TransferPlaces(Limits())
        #expect(taken(&places, 1 << 20) == 16)
        #expect(taken(&places, 4_096) == 240)
        places.giveBack(size: 1 << 20)
        #expect(taken(&places, 1 << 20) == 1)
    }

    @Test("are what was set, with one kept for small files where there are four or more (Q6)")
    func set() {
        var places = TransferPlaces(Limits(transfers: 4))
        #expect(taken(&places, 4_096) == 4)
        #expect(taken(&places, 1 << 20) == 0)
        places = TransferPlaces(Limits(transfers: 4))
        #expect(taken(&places, 1 << 20) == 3)
        #expect(taken(&places, 4_096) == 1)
        places = TransferPlaces(Limits(transfers: 3))
        #expect(taken(&places, 1 << 20) == 3)
    }

    @Test("may become fewer than are taken: then nothing starts until enough have ended")
    func fewer() {
        var places = TransferPlaces(Limits(transfers: 4))
        #expect(taken(&places, 4_096) == 4)
        places = places.changed(to: TransferPlaces(Limits(transfers: 2)))
        #expect(places.count == 4)
        places.giveBack(size: 4_096)
        places.giveBack(size: 4_096)
        #expect(taken(&places, 4_096) == 0)
        places.giveBack(size: 4_096)
        #expect(taken(&places, 4_096) == 1)
    }
}
