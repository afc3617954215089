// SPDX-License-Identifier: Apache-2.0
import CLinux
import Foundation
import Jobs
import Objects
import Testing

@Suite("CRC-64/NVME")
struct ChecksumTests {
    private func fast(_ bytes: some Collection<UInt8>, after crc: UInt64 = 0) -> UInt64 {
        unsafe Array(bytes).withUnsafeBytes { unsafe cs_crc64nvme(crc, $0.baseAddress, $0.count) }
    }

    private func portable(_ bytes: some Collection<UInt8>, after crc: UInt64 = 0) -> UInt64 {
        unsafe Array(bytes).withUnsafeBytes {
            unsafe cs_crc64nvme_portable(crc, $0.baseAddress, $0.count)
        }
    }

    @Test(
        "gives the known values",
        arguments: [
            (Array("123456789".utf8), 0xae8b_1486_0a79_9888), ([], 0),
            ([0], 0xd5da_5047_efec_8728), ([0xff], 0xff00_0000_0000_0000),
            (Array("abc".utf8), 0x05e5_cabb_3fc1_faeb),
            (Array(0...31), 0xb9d9_d4a8_492c_bd7f),
            (
                Array("The quick brown fox jumps over the lazy dog".utf8),
                0xd76c_5405_4954_c143
            ),
            (Array(repeating: 90, count: 1_000_003), 0x53be_2f2f_ceed_eb07),
            (Array(repeating: 255, count: 1_048_576), 0xd853_19dc_23da_75fa),
        ] as [([UInt8], UInt64)]
    )
    func known(bytes: [UInt8], crc: UInt64) {
        #expect(fast(bytes) == crc)
        #expect(portable(bytes) == crc)
    }

    /// What awscrt computed, each file in one part or in several.
    private struct Vector: Decodable {
        var parts: [Data]
        var crc64nvme: String
    }

    @Test("is what AWS's own code computes, in one piece and joined from parts")
    func vectors() throws {
        let url = try #require(
            Bundle.module.url(forResource: "Fixtures/crc64nvme", withExtension: "json")
        )
        let vectors = try JSONDecoder().decode([Vector].self, from: Data(contentsOf: url))
        #expect(vectors.count == 36)
        for vector in vectors {
            let bytes = Array(vector.parts.joined())
            #expect(UploadPlan.checksumText(fast(bytes)) == vector.crc64nvme)
            #expect(UploadPlan.checksumText(portable(bytes)) == vector.crc64nvme)
            let joined = vector.parts.reduce(UInt64(0)) { sum, part in
                cs_crc64nvme_join(sum, fast(part), UInt64(part.count))
            }
            #expect(UploadPlan.checksumText(joined) == vector.crc64nvme)
        }
    }

    @Test("of parts of any size, joined, is that of the whole")
    func joined() {
        let bytes = noise(100_000)
        for _ in 0..<200 {
            let split = Int.random(in: 0...bytes.count)
            let (front, back) = (bytes[..<split], bytes[split...])
            #expect(
                cs_crc64nvme_join(fast(front), fast(back), UInt64(back.count)) == fast(bytes)
            )
        }
    }

    @Test("is the same by both ways, over any length, alignment and split")
    func agree() {
        let bytes = noise(4_096)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let start = Int.random(in: 0..<64, using: &random)
            let end = Int.random(in: start...bytes.count, using: &random)
            let split = Int.random(in: start...end, using: &random)
            // The kernel is given the buffer itself here, so that its alignment varies.
            let whole = unsafe bytes.withUnsafeBytes { buffer in
                unsafe cs_crc64nvme(0, buffer.baseAddress.map { unsafe $0 + start }, end - start)
            }
            #expect(whole == portable(bytes[start..<end]))
            #expect(whole == fast(bytes[split..<end], after: portable(bytes[start..<split])))
            #expect(whole == portable(bytes[split..<end], after: fast(bytes[start..<split])))
        }
    }
}
