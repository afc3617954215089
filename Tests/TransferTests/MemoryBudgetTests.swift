// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Transfer

@Suite("The memory budget", .timeLimit(.minutes(3)))
struct MemoryBudgetTests {
    private func wait(for count: Int, in budget: MemoryBudget) async {
        while budget.waiting != count { await Task.yield() }
    }

    @Test("lets a file go at once while there is room")
    func room() async {
        let budget = MemoryBudget(bytes: 10)
        #expect(await budget.take(4))
        #expect(await budget.take(6))
        #expect(budget.waiting == 0)
    }

    @Test("lets nobody overtake")
    func order() async {
        let budget = MemoryBudget(bytes: 10)
        #expect(await budget.take(8))
        async let large = budget.take(9)
        await wait(for: 1, in: budget)
        async let small = budget.take(1)
        await wait(for: 2, in: budget)
        budget.giveBack(8)
        #expect(await large)
        #expect(await small)
    }

    @Test("lets a file that is larger than all of it go alone")
    func tooLarge() async {
        let budget = MemoryBudget(bytes: 10)
        #expect(await budget.take(3))
        async let large = budget.take(1_000)
        await wait(for: 1, in: budget)
        budget.giveBack(3)
        #expect(await large)
        async let next = budget.take(1)
        await wait(for: 1, in: budget)
        budget.giveBack(1_000)
        #expect(await next)
    }

    @Test("lets those behind go when one that waits is cancelled")
    func cancelled() async {
        let budget = MemoryBudget(bytes: 10)
        #expect(await budget.take(8))
        let large = Task { await budget.take(9) }
        await wait(for: 1, in: budget)
        async let small = budget.take(2)
        await wait(for: 2, in: budget)
        large.cancel()
        #expect(await large.value == false)
        #expect(await small)
        budget.giveBack(8)
        budget.giveBack(2)
        #expect(await budget.take(10))
    }

    @Test("refuses a task that was cancelled before it had to wait")
    func cancelledBefore() async {
        let budget = MemoryBudget(bytes: 1)
        #expect(await budget.take(1))
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return await budget.take(1)
        }
        #expect(await task.value == false)
        #expect(budget.waiting == 0)
    }
}
