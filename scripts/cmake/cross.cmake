# SPDX-License-Identifier: Apache-2.0
# What arm64.cmake and armhf.cmake share: Debian's cross compiler, the other architecture's libraries in a tree of their
# own (scripts/cross.sh makes it), and an emulator that runs what was built.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${ATALAYA_TRIPLET}-gcc)
set(CMAKE_CXX_COMPILER ${ATALAYA_TRIPLET}-g++)
if(DEFINED ENV{ATALAYA_SYSROOT})
    set(CMAKE_SYSROOT "$ENV{ATALAYA_SYSROOT}")
else()
    get_filename_component(CMAKE_SYSROOT "${CMAKE_CURRENT_LIST_DIR}/../../build/sysroot/${ATALAYA_ARCHITECTURE}" ABSOLUTE)
endif()
set(CMAKE_CROSSCOMPILING_EMULATOR "${ATALAYA_EMULATOR};-L;${CMAKE_SYSROOT}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${CMAKE_SYSROOT}")
set(ENV{PKG_CONFIG_LIBDIR} "${CMAKE_SYSROOT}/usr/lib/${ATALAYA_TRIPLET}/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig")
