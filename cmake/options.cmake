# Warnings, sanitizers and code generation that every target shares.
set(VIGIL_SANITIZE "" CACHE STRING "sanitizers, comma separated (address,undefined or thread)")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                    -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror)
add_compile_options(-fno-omit-frame-pointer -gline-tables-only -fdebug-default-version=4)
add_link_options(-fuse-ld=lld-19)

# Sanitizer builds are compiled on every run of the tests: they are made cheap to compile (no
# optimisation, precompiled headers: cmake/precompiled.cmake), which costs the tests less than it saves.
if(VIGIL_SANITIZE)
    add_compile_options(-fsanitize=${VIGIL_SANITIZE} -fno-sanitize-recover=all -O0)
    add_link_options(-fsanitize=${VIGIL_SANITIZE})
    # What a wrong pointer comes to is AddressSanitizer's to find; these checks of it are half of what is compiled.
    if(VIGIL_SANITIZE MATCHES "undefined")
        add_compile_options(-fno-sanitize=null,alignment,vptr,object-size)
    endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    # Assertions stay on in the server: a broken invariant must stop, not corrupt the record.
    string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
    string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
    # x86-64-v2 (SSE4.2) is every server of the last fifteen years; wider vectors are chosen at run time.
    if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
        add_compile_options(-march=x86-64-v2)
    endif()
endif()
