// SPDX-License-Identifier: Apache-2.0

import Jobs
import Objects

/// One side of a store: where requests go, how they are asked, and who signs them.
struct StoreSide: Sendable {
    var endpoint: Endpoint
    var dialect: StoreDialect
    var signers: any SignerSource
}
