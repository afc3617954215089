// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Daemon

@Suite("How much an endpoint bears")
struct EndpointHealthTests {
    private var health = EndpointHealth(most: 8)

    @Test("nine failures in a row keep nothing back; after the tenth one event is tried at a time")
    mutating func outage() {
        for _ in 1...9 { health.failed(at: start) }
        #expect(health.places(at: start) == 8 && !health.isOut)
        health.failed(at: start)
        #expect(health.isOut && health.places(at: start) == 0)
        #expect(health.places(at: start + .seconds(5)) == 1)
    }

    @Test("the pauses of an outage grow to five minutes, and not by what was under way")
    mutating func pauses() {
        for _ in 1...18 { health.failed(at: start) }
        var now = start
        var pauses: [Int64] = []
        for _ in 1...9 {
            let next = health.notBefore ?? now
            pauses.append((next - now).seconds)
            now = next
            health.failed(at: now)
        }
        #expect(pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300])
    }

    @Test("a success ends an outage; the number of events at once rises again with more of them")
    mutating func recovery() {
        for _ in 1...10 { health.failed(at: start) }
        let now = start + .seconds(60)
        #expect(health.succeeded(at: now) == .seconds(60))
        var places = [health.places(at: now)]
        for _ in 1...35 {
            #expect(health.succeeded(at: now) == nil)
            places.append(health.places(at: now))
        }
        #expect(places[0] == 2 && places[2] == 3 && places[5] == 4 && places.last == 8)
    }

    @Test("an endpoint that asks for less is told of one event at a time, after what it asked for")
    mutating func overload() {
        health.failed(isOverloaded: true, asked: .seconds(30), at: start)
        #expect(health.places(at: start + .seconds(29)) == 0)
        #expect(health.places(at: start + .seconds(30)) == 1)
        // A day that it asks for keeps the event for a day, and the others for five minutes.
        health.failed(asked: .seconds(86_400), at: start + .seconds(30))
        #expect(health.places(at: start + .seconds(330)) == 1)
    }

    @Test("five days of nothing but failures are enough")
    mutating func hopeless() {
        for day in 0..<10 { health.failed(at: start + .seconds(Int64(day) * 43_200)) }
        #expect(!health.isHopeless(at: start + .seconds(4 * 86_400)))
        #expect(health.isHopeless(at: start + .seconds(5 * 86_400)))
        _ = health.succeeded(at: start + .seconds(5 * 86_400))
        #expect(!health.isHopeless(at: start + .seconds(9 * 86_400)))
    }
}
