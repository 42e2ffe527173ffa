#include "app/unread_keeper.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace vigil::app {

void UnreadKeeper::seen(Position up_to) {
    seen_up_to_ = up_to;
    if (waiting_.empty() && on_way_.empty()) kept_up_to_ = up_to;
}

void UnreadKeeper::flush() {
    if (waiting_.empty() || !on_way_.empty()) return;
    on_way_ = std::exchange(waiting_, {});
    quarantine_.add(
        on_way_, {std::string(quarantine_consumer), seen_up_to_},
        [this, up_to = seen_up_to_](Result<void> result) {
            on_loop_([this, up_to, result = std::move(result)] { written(up_to, result); });
        });
}

void UnreadKeeper::written(Position up_to, const Result<void>& result) {
    auto written = std::exchange(on_way_, {});
    if (result) {
        kept_up_to_ = waiting_.empty() ? seen_up_to_ : up_to;
    } else {
        if (!failing_) fmt::print(stderr, "vigil: quarantine: {}\n", result.error().message);
        written.insert(written.end(), std::make_move_iterator(waiting_.begin()),
                       std::make_move_iterator(waiting_.end()));
        waiting_ = std::move(written);
    }
    failing_ = !result;
}

}  // namespace vigil::app
