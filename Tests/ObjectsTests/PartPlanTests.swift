// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Objects

@Suite("A plan of parts (U1, C27, C28)")
struct PartPlanTests {
    private static let mebibyte: Int64 = 1 << 20

    @Test(
        "has equal parts, no more than the store takes",
        arguments: [
            (64 << 20, 8 << 20, 8),
            ((64 << 20) + 1, 8 << 20, 9),
            // The last size that 8 MiB are enough for, and the first that they are not.
            (10_000 * (8 << 20), 8 << 20, 10_000),
            (10_000 * (8 << 20) + 1, 9 << 20, 8_889),
            // 48.8 TiB: what S3 takes at most, in parts of 5 GiB.
            (10_000 * (5 << 30), 5 << 30, 10_000),
        ] as [(Int64, Int64, Int)]
    )
    func sizes(size: Int64, partSize: Int64, count: Int) {
        let plan = PartPlan(size: size, smallest: 8 << 20, most: 10_000)
        #expect(plan.partSize == partSize)
        #expect(plan.count == count)
        #expect(plan.offset(of: count) + plan.length(of: count) == size)
    }

    @Test("does not overflow, whatever the size")
    func overflow() {
        let plan = PartPlan(size: .max, smallest: 8 << 20, most: 10_000)
        #expect(plan.count <= 10_000)
        #expect(plan.offset(of: plan.count) + plan.length(of: plan.count) == .max)
        #expect(PartPlan(size: 0, smallest: 8 << 20, most: 10_000).count == 1)
    }

    @Test("covers every byte once", arguments: [1, 5, 1_000, 1_001, 99_999] as [Int64])
    func covering(size: Int64) {
        let plan = PartPlan(size: size, partSize: 1_000)
        var next: Int64 = 0
        for number in 1...plan.count {
            #expect(plan.offset(of: number) == next)
            #expect(plan.length(of: number) > 0)
            next += plan.length(of: number)
        }
        #expect(next == size)
    }
}

@Suite("What stores answer to uploads in parts")
struct MultipartAnswerTests {
    private func answer(_ text: String) -> StoreAnswer {
        StoreAnswer(status: 200, body: Array(text.utf8))
    }

    @Test("names the upload that was begun")
    func begun() {
        let text = """
            <?xml version="1.0"?><InitiateMultipartUploadResult xmlns="x"><Bucket>b</Bucket>\
            <Key>k</Key><UploadId>a.b&amp;c</UploadId></InitiateMultipartUploadResult>
            """
        #expect(StoreDialect.s3.uploadID(in: answer(text)) == "a.b&c")
        #expect(StoreDialect.s3.uploadID(in: answer("<Error/>")) == nil)
        #expect(StoreDialect.s3.uploadID(in: answer("no document")) == nil)
    }

    @Test("lists parts, over several answers where there are many")
    func listed() throws {
        let text = """
            <ListPartsResult><UploadId>u</UploadId><NextPartNumberMarker>7</NextPartNumberMarker>\
            <IsTruncated>true</IsTruncated><Part><PartNumber>7</PartNumber>\
            <ETag>&quot;abc&quot;</ETag><Size>5</Size></Part></ListPartsResult>
            """
        let list = try #require(StoreDialect.s3.list(of: "u", in: answer(text)))
        #expect(list.parts == [7: PartList.Part(size: 5, etag: "abc")])
        #expect(list.next == 7)
        let empty = "<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>"
        #expect(StoreDialect.s3.list(of: "u", in: answer(empty)) == PartList())
        let broken = text.replacing("<Size>5</Size>", with: "<Size>five</Size>")
        #expect(StoreDialect.s3.list(of: "u", in: answer(broken)) == nil)
    }

    @Test("lists Azure's blocks by their names")
    func blocks() throws {
        let name = AzureDialect.block(3, "id")
        let text = """
            <BlockList><CommittedBlocks /><UncommittedBlocks><Block><Name>\(name)</Name>\
            <Size>9</Size></Block><Block><Name>b3RoZXI=</Name><Size>1</Size></Block>\
            <Block><Name>\(AzureDialect.block(4, "ID"))</Name><Size>9</Size></Block>\
            </UncommittedBlocks></BlockList>
            """
        let list = try #require(StoreDialect.azure.list(of: "id", in: answer(text)))
        #expect(list.parts == [3: PartList.Part(size: 9, etag: nil)])
    }

    @Test("lists the uploads of one key and of no other with the same beginning")
    func uploads() {
        let text = """
            <ListMultipartUploadsResult><EncodingType>url</EncodingType>\
            <Upload><Key>a+b%2Fc</Key><UploadId>1</UploadId></Upload>\
            <Upload><Key>a+b%2Fcd</Key><UploadId>2</UploadId></Upload></ListMultipartUploadsResult>
            """
        let ids = StoreDialect.s3.uploads(of: ObjectKey("a b/c"), in: answer(text))
        #expect(ids == ["1"])
    }

    @Test("says of an object in parts what the store keeps of the whole")
    func completed() {
        let text = """
            <CompleteMultipartUploadResult><ETag>"e-2"</ETag>\
            <ChecksumCRC64NVME>rosUhgp5mIg=</ChecksumCRC64NVME>\
            <ChecksumType>FULL_OBJECT</ChecksumType></CompleteMultipartUploadResult>
            """
        let object = StoreDialect.s3.completed(in: answer(text))
        #expect(object.etag == "e-2")
        #expect(object.crc64nvme == 0xae8b_1486_0a79_9888)
        let composite = text.replacing("FULL_OBJECT", with: "COMPOSITE")
        #expect(StoreDialect.s3.completed(in: answer(composite)).crc64nvme == nil)
    }

    @Test("are no success where the document is an error (I4, C29)")
    func error() {
        let place = StorePlace(
            store: "media",
            bucket: "b",
            endpoint: Endpoint(isSecure: true, host: "s3.example.com", port: 443)
        )
        func meaning(_ text: String) -> AnswerMeaning {
            answer(text).meaning(
                of: .post,
                ObjectKey("k"),
                at: place,
                now: Timestamp(seconds: 1_795_456_800)
            )
        }
        // Whitespace keeps the connection open before the document comes.
        guard case .failed(let failure) = meaning("  \n <Error><Code>InternalError</Code></Error>")
        else {
            Issue.record("an error was taken for a success")
            return
        }
        #expect(failure.advice == .retry)
        #expect(meaning("<Error><Code>NoSuchUpload</Code></Error>") == .noUpload)
    }
}
