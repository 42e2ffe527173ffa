#pragma once
// A pointer that counts its copies in the object itself, without locks: whoever shares the object
// does so on one thread at a time. The object says what happens once nobody holds it.

#include <cstddef>
#include <utility>

namespace vigil::broker {

template <class T>
class Counted {
public:
    Counted() = default;
    Counted(std::nullptr_t) {}  // NOLINT(google-explicit-constructor): as every pointer
    explicit Counted(T* object) : object_(object) { hold(); }
    Counted(const Counted& other) : object_(other.object_) { hold(); }
    Counted(Counted&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    template <class U>
    Counted(const Counted<U>& other)  // NOLINT(google-explicit-constructor): to a base, or const
        : object_(other.get()) {
        hold();
    }
    Counted& operator=(Counted other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~Counted() {
        if (object_ != nullptr && --object_->holders == 0) object_->unheld();
    }

    T* get() const { return object_; }
    T& operator*() const { return *object_; }
    T* operator->() const { return object_; }
    explicit operator bool() const { return object_ != nullptr; }
    void reset() { *this = nullptr; }
    friend bool operator==(const Counted& a, const Counted& b) { return a.object_ == b.object_; }

private:
    void hold() const {
        if (object_ != nullptr) ++object_->holders;
    }
    T* object_ = nullptr;
};

}  // namespace vigil::broker
