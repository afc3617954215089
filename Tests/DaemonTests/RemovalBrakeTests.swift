// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Testing

@testable import Daemon

@Suite("Files that were taken away")
struct RemovalBrakeTests {
    private typealias Finding = RemovalBrake.Finding

    private func some(_ count: Int, isWhole: Bool = false, present: Int = 5) -> Finding {
        Finding(missing: count, present: present, isWhole: isWhole)
    }

    @Test("up to twenty within a minute are meant, one more is an accident")
    func twenty() {
        var brake = RemovalBrake()
        #expect(brake.judge(some(15), at: start) == .carriedOut)
        #expect(brake.judge(some(5), at: start + .seconds(59)) == .carriedOut)
        #expect(brake.judge(some(1), at: start + .seconds(59)) == .held(isNews: true))
        #expect(brake.hold?.reason == .tooMany)
        var patient = RemovalBrake()
        #expect(patient.judge(some(15), at: start) == .carriedOut)
        #expect(patient.judge(some(15), at: start + .seconds(60)) == .carriedOut)
        #expect(patient.judge(some(21), at: start + .seconds(900)) == .held(isNews: true))
    }

    @Test("one that two looks come upon counts once")
    func twice() {
        var brake = RemovalBrake()
        let names = Set((0..<15).map { FileName("f\($0)") })
        for isWhole in [false, true] {
            let found = Finding(missing: 15, present: 5, isWhole: isWhole, names: names)
            #expect(brake.judge(found, at: start) == .carriedOut)
        }
        #expect(brake.judge(some(5), at: start) == .carriedOut)
        #expect(brake.judge(some(1), at: start) == .held(isNews: true))
    }

    @Test("what is held holds all that follows, until a person releases it")
    func release() {
        var brake = RemovalBrake()
        #expect(brake.judge(some(21), at: start) == .held(isNews: true))
        #expect(brake.judge(some(1), at: start + .seconds(9_000)) == .held(isNews: false))
        #expect(brake.judge(some(22, isWhole: true), at: start) == .held(isNews: false))
        #expect(brake.hold?.files == 22)
        brake.release()
        #expect(brake.isReleased)
        let names = Set((0..<22).map { FileName("f\($0)") })
        let all = Finding(missing: 22, present: 5, isWhole: true, names: names)
        #expect(brake.judge(all, at: start) == .carriedOut)
        #expect(!brake.isReleased)
        #expect(brake.stored == nil)
        #expect(brake.judge(some(21), at: start) == .held(isNews: true))
    }

    @Test("a release carries out about as many as were held; many more are held anew")
    func releaseOfFew() {
        var brake = RemovalBrake()
        #expect(brake.judge(some(21), at: start) == .held(isNews: true))
        brake.release()
        #expect(brake.judge(some(41), at: start) == .carriedOut)
        #expect(brake.judge(some(42), at: start) == .held(isNews: true))
        #expect(brake.hold?.files == 42)
    }

    @Test("what is held is forgotten once a look at everything misses nothing")
    func back() {
        var brake = RemovalBrake()
        #expect(brake.judge(some(21), at: start) == .held(isNews: true))
        #expect(brake.judge(some(0), at: start) == .carriedOut)
        #expect(brake.hold != nil)
        #expect(brake.judge(some(0, isWhole: true), at: start) == .carriedOut)
        #expect(brake.hold == nil)
        #expect(brake.judge(some(1), at: start + .seconds(1)) == .carriedOut)
    }

    @Test("a folder that was away takes no link with it, however few files it had")
    func away() {
        var brake = RemovalBrake()
        brake.folderLeft(at: start)
        #expect(brake.judge(some(1), at: start) == .held(isNews: true))
        #expect(brake.hold?.reason == .folderAway)
        var whole = RemovalBrake()
        whole.folderLeft(at: start)
        #expect(whole.judge(some(0, isWhole: true), at: start) == .carriedOut)
        #expect(whole.judge(some(1), at: start) == .carriedOut)
    }

    @Test("a folder in which not one known file is left is taken for another")
    func empty() {
        var brake = RemovalBrake()
        let all = some(3, isWhole: true, present: 0)
        #expect(brake.judge(all, at: start) == .held(isNews: true))
        #expect(brake.hold?.reason == .allGone)
        // Others are back: it was away, and what is missed may have gone meanwhile.
        var back = brake
        #expect(back.judge(some(1, isWhole: true), at: start) == .held(isNews: false))
        #expect(back.hold?.reason == .folderAway)
        // The last file of a folder may go; but at a start it may be the mount that has not come.
        let last = some(1, isWhole: true, present: 0)
        var single = RemovalBrake()
        #expect(single.judge(last, at: start) == .held(isNews: true))
        var seen = RemovalBrake()
        #expect(seen.judge(some(0, isWhole: true, present: 1), at: start) == .carriedOut)
        #expect(seen.judge(last, at: start) == .carriedOut)
        #expect(brake.hold?.sentence(template: "inbox").contains("presignd release inbox") == true)
    }

    @Test("a clock that was set back holds nothing for ever")
    func clock() {
        var brake = RemovalBrake()
        #expect(brake.judge(some(20), at: start + .seconds(9_000)) == .carriedOut)
        #expect(brake.judge(some(20), at: start) == .carriedOut)
    }
}
