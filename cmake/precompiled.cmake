# Headers that most files read, parsed once. Only the sanitizer builds use them: the release build reads
# each file's own includes, so that a missing one is found there.
function(vigil_precompile name)
    add_library(${name} OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled.cpp)
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${name} PRIVATE fmt::fmt tl::expected ${ARGN})
    # ccache keeps objects made with a precompiled header only if that header carries no time stamp.
    target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
endfunction()

if(VIGIL_SANITIZE)
    set(headers <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <mutex> <optional>
        <span> <string> <string_view> <unordered_map> <utility> <variant> <vector> <fmt/format.h>
        ${CMAKE_SOURCE_DIR}/src/base/result.hpp)
    vigil_precompile(precompiled_src)
    target_precompile_headers(precompiled_src PRIVATE ${headers})
    vigil_precompile(precompiled_tests GTest::gmock GTest::gtest)
    target_precompile_headers(precompiled_tests PRIVATE ${headers} <gmock/gmock.h> <gtest/gtest.h>)
endif()

# vigil_use_precompiled(TARGET src|tests)
function(vigil_use_precompiled target kind)
    if(VIGIL_SANITIZE)
        target_precompile_headers(${target} REUSE_FROM precompiled_${kind})
        target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    endif()
endfunction()
