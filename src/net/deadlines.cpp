#include "net/deadlines.hpp"

namespace vigil::net {

Deadline::~Deadline() {
    if (heap_ != nullptr) heap_->clear(*this);
}

void Deadlines::set(Deadline& deadline, std::int64_t due_ns) {
    deadline.due_ns_ = due_ns;
    if (deadline.index_ == Deadline::nowhere) {
        deadline.heap_ = this;
        deadline.queued_ns_ = due_ns;
        heap_.push_back(&deadline);
        deadline.index_ = static_cast<std::uint32_t>(heap_.size() - 1);
        sift_up(deadline.index_);
    } else if (due_ns < deadline.queued_ns_) {
        deadline.queued_ns_ = due_ns;
        sift_up(deadline.index_);
    }
}

void Deadlines::clear(Deadline& deadline) {
    deadline.due_ns_ = Deadline::never;
    if (deadline.index_ == Deadline::nowhere) return;
    const std::size_t at = deadline.index_;
    deadline.index_ = Deadline::nowhere;
    deadline.heap_ = nullptr;
    Deadline* last = heap_.back();
    heap_.pop_back();
    if (last == &deadline) return;
    place(last, at);
    sift_up(at);
    sift_down(last->index_);
}

Deadline* Deadlines::take_due(std::int64_t now_ns) {
    while (!heap_.empty() && heap_.front()->queued_ns_ <= now_ns) {
        Deadline* first = heap_.front();
        if (first->due_ns_ <= now_ns) {
            clear(*first);
            return first;
        }
        first->queued_ns_ = first->due_ns_;
        sift_down(0);
    }
    return nullptr;
}

std::int64_t Deadlines::next_ns() const {
    return heap_.empty() ? Deadline::never : heap_.front()->queued_ns_;
}

void Deadlines::place(Deadline* deadline, std::size_t at) {
    heap_[at] = deadline;
    deadline->index_ = static_cast<std::uint32_t>(at);
}

void Deadlines::sift_up(std::size_t at) {
    Deadline* moving = heap_[at];
    while (at > 0) {
        const std::size_t parent = (at - 1) / 2;
        if (heap_[parent]->queued_ns_ <= moving->queued_ns_) break;
        place(heap_[parent], at);
        at = parent;
    }
    place(moving, at);
}

void Deadlines::sift_down(std::size_t at) {
    Deadline* moving = heap_[at];
    for (;;) {
        std::size_t child = 2 * at + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && heap_[child + 1]->queued_ns_ < heap_[child]->queued_ns_)
            ++child;
        if (moving->queued_ns_ <= heap_[child]->queued_ns_) break;
        place(heap_[child], at);
        at = child;
    }
    place(moving, at);
}

}  // namespace vigil::net
