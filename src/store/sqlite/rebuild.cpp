#include "store/sqlite/rebuild.hpp"

namespace vigil::store::sqlite {

Result<void> forget_derived(StoreFile& file) {
    return await<void>([&](Done done) {
        file.write(
            [](Database& database) {
                return database.execute(
                    "DELETE FROM chunks; DELETE FROM rollups; DELETE FROM open_days;"
                    "DELETE FROM series; DELETE FROM snapshots; DELETE FROM consumers;"
                    "DELETE FROM horizons; DELETE FROM events;"
                    "UPDATE flushes SET count = 0");
            },
            std::move(done));
    });
}

}  // namespace vigil::store::sqlite
