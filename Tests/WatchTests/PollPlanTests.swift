// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Watch

@Suite("When what cannot be watched is looked through (C2, C3, W10)")
struct PollPlanTests {
    @Test("looks at everything each time, where that is quick")
    func small() {
        var plan = PollPlan(every: .seconds(30))
        plan.restart(at: .seconds(100))
        var looks: [PollPlan.Kind] = []
        for second in Int64(100)...400 {
            guard let kind = plan.begin(at: .seconds(second)) else { continue }
            looks.append(kind)
            plan.spend(.milliseconds(500))
            plan.end(at: .seconds(second))
        }
        #expect(looks == Array(repeating: .full, count: 10))
    }

    @Test("looks at folders in between, and never takes more than a twentieth of the time")
    func large() {
        var plan = PollPlan(every: .seconds(30))
        plan.restart(at: .zero)
        var spent: [PollPlan.Kind: Int64] = [:]
        var clock = Span.zero
        while clock < .seconds(36_000) {
            clock = clock + .seconds(1)
            guard let kind = plan.begin(at: clock) else { continue }
            let cost: Int64 = kind == .full ? 10_000 : 300
            plan.spend(.milliseconds(cost))
            clock = clock + .milliseconds(cost)
            plan.end(at: clock)
            spent[kind, default: 0] += cost
        }
        #expect(spent[.full] ?? 0 <= 36_000 * 50, "a twentieth of ten hours")
        #expect(spent[.full] ?? 0 >= 36_000 * 40, "and not much less")
        #expect((spent[.quick] ?? 0) / 300 > 900, "nearly every 30 s")
    }

    @Test("begins no look while one is under way")
    func once() {
        var plan = PollPlan(every: .seconds(1))
        #expect(plan.begin(at: .seconds(5)) == .full)
        #expect(plan.begin(at: .seconds(50)) == nil)
        plan.end(at: .seconds(50))
        #expect(plan.begin(at: .seconds(51)) == .full)
    }

    @Test(
        "knows the file systems that others change too (C3)",
        arguments: [
            (0x6969, "NFS"), (0xff53_4d42, "CIFS"), (0xfe53_4d42, "SMB"), (0x6573_5546, "FUSE"),
            (0x0102_1997, "9p"), (0xef53, nil), (0x5846_5342, nil), (0x0102_1994, nil),
            (0x9123_683e, nil), (0x794c_7630, nil),
        ] as [(Int64, String?)]
    )
    func magic(number: Int64, name: String?) {
        #expect(FileSystem.remoteName(magic: number) == name)
    }
}
