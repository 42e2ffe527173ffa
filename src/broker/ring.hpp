#pragma once
// A queue in one block of memory: none while it has never held anything, and none again once one of
// more than `kept` places has emptied. Most of the many sessions of a broker wait for nothing.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>

namespace vigil::broker {

template <class T, std::size_t kept = 1024>
class Ring {
    template <class Owner, class Value>
    class At {
    public:
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using reference = Value&;
        using pointer = Value*;
        using iterator_category = std::forward_iterator_tag;
        At() = default;
        At(Owner* owner, std::size_t index) : owner_(owner), index_(index) {}
        Value& operator*() const { return (*owner_)[index_]; }
        Value* operator->() const { return &(*owner_)[index_]; }
        At& operator++() {
            ++index_;
            return *this;
        }
        At operator++(int) {
            auto before = *this;
            ++index_;
            return before;
        }
        bool operator==(const At&) const = default;
        std::size_t index() const { return index_; }

    private:
        Owner* owner_ = nullptr;
        std::size_t index_ = 0;
    };

public:
    using iterator = At<Ring, T>;
    using const_iterator = At<const Ring, const T>;

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    T& operator[](std::size_t index) { return block_[(first_ + index) & (capacity_ - 1)]; }
    const T& operator[](std::size_t index) const {
        return block_[(first_ + index) & (capacity_ - 1)];
    }
    T& front() { return (*this)[0]; }
    const T& front() const { return (*this)[0]; }
    T& back() { return (*this)[size_ - 1]; }
    iterator begin() { return {this, 0}; }
    iterator end() { return {this, size_}; }
    const_iterator begin() const { return {this, 0}; }
    const_iterator end() const { return {this, size_}; }

    T& push_back(T value) {
        make_room();
        return (*this)[size_++] = std::move(value);
    }
    void push_front(T value) {
        make_room();
        first_ = (first_ - 1) & (capacity_ - 1);
        ++size_;
        front() = std::move(value);
    }
    T pop_front() {
        assert(!empty());
        auto out = std::exchange(front(), T());
        first_ = (first_ + 1) & (capacity_ - 1);
        if (--size_ == 0) give_back();
        return out;
    }
    T pop_back() {
        assert(!empty());
        auto out = std::exchange(back(), T());
        if (--size_ == 0) give_back();
        return out;
    }
    // What is erased is most often at the front.
    template <class Iterator>
    void erase(const Iterator& place) {
        for (auto i = place.index(); i > 0; --i) (*this)[i] = std::move((*this)[i - 1]);
        (void)pop_front();
    }
    // In order, each once.
    template <class Predicate>
    void erase_if(Predicate goes) {
        std::size_t left = 0;
        for (std::size_t i = 0; i < size_; ++i) {
            if (goes((*this)[i])) continue;
            if (left != i) (*this)[left] = std::move((*this)[i]);
            ++left;
        }
        while (size_ > left) (void)pop_back();
    }

private:
    static constexpr std::size_t capacity_first = 4;

    void make_room() {
        if (size_ < capacity_) return;
        const auto capacity = std::max(capacity_first, capacity_ * 2);
        auto block = std::make_unique<T[]>(capacity);
        for (std::size_t i = 0; i < size_; ++i) block[i] = std::move((*this)[i]);
        block_ = std::move(block);
        capacity_ = capacity;
        first_ = 0;
    }
    void give_back() {
        if (capacity_ <= kept) return;
        block_.reset();
        capacity_ = first_ = 0;
    }

    std::unique_ptr<T[]> block_;
    std::size_t capacity_ = 0;  // 0 or a power of two
    std::size_t first_ = 0, size_ = 0;
};

}  // namespace vigil::broker
