# SPDX-License-Identifier: Apache-2.0
# One interface target carries every flag, so that no folder invents its own.
include(CheckPIESupported)
include(CheckTypeSize)
check_pie_supported()

add_library(atalaya_options INTERFACE)
target_include_directories(atalaya_options INTERFACE "${PROJECT_SOURCE_DIR}/include")
target_compile_definitions(atalaya_options INTERFACE _GNU_SOURCE ATALAYA_VERSION="${PROJECT_VERSION}")
# What the compiler does by itself is what the system's libraries were built with. Where that ends in January 2038
# (32-bit Debian 12), this program counts on.
check_type_size(time_t ATALAYA_LIBRARY_TIME_BYTES LANGUAGE C)
if(ATALAYA_LIBRARY_TIME_BYTES EQUAL 4)
    target_compile_options(atalaya_options INTERFACE -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64)
    target_compile_definitions(atalaya_options INTERFACE ATALAYA_LIBRARY_TIME_BYTES=4)
endif()
# Those of the files that share times with libraries (atalaya/gateway/library_time.h) get the libraries' time.
function(atalaya_library_time)
    foreach(file IN LISTS ARGN)
        file(STRINGS "${file}" shares REGEX "^#include .atalaya/gateway/library_time.h")
        if(shares AND ATALAYA_LIBRARY_TIME_BYTES EQUAL 4)
            set_source_files_properties("${file}" PROPERTIES COMPILE_OPTIONS -U_TIME_BITS)
        endif()
    endforeach()
endfunction()
target_compile_options(atalaya_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wundef -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition -Wwrite-strings -Wcast-qual -Wvla -Wformat=2 -Wimplicit-fallthrough
    -Wpointer-arith)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    target_compile_options(atalaya_options INTERFACE -Wdouble-promotion) # clang takes glibc's NAN for one
endif()
if(CMAKE_CROSSCOMPILING)
    target_compile_options(atalaya_options INTERFACE -Wcast-align=strict)
endif()
if(ATALAYA_WERROR)
    target_compile_options(atalaya_options INTERFACE -Werror)
endif()
if(ATALAYA_SANITIZE)
    target_compile_options(atalaya_options INTERFACE
        -fsanitize=${ATALAYA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1)
    target_link_options(atalaya_options INTERFACE -fsanitize=${ATALAYA_SANITIZE})
endif()
if(ATALAYA_FUZZ)
    # Coverage of our own libraries: without it a fuzzer gropes in the dark.
    target_compile_options(atalaya_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    # What is shipped does not depend on where it was built.
    target_compile_options(atalaya_options INTERFACE "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
endif()
if(ATALAYA_HARDENING)
    # gcc 12 has no -fhardened; the list is what that flag would mean.
    target_compile_options(atalaya_options INTERFACE
        -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
        -ftrivial-auto-var-init=zero)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
        target_compile_options(atalaya_options INTERFACE -fcf-protection=full)
    elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
        target_compile_options(atalaya_options INTERFACE -mbranch-protection=standard)
    endif()
    target_link_options(atalaya_options INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
