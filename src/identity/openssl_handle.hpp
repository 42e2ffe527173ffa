#pragma once
// What OpenSSL gives out, owned: std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>.

namespace vigil::identity {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};

}  // namespace vigil::identity
