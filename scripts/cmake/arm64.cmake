# SPDX-License-Identifier: Apache-2.0
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(ATALAYA_ARCHITECTURE arm64)
set(ATALAYA_TRIPLET aarch64-linux-gnu)
set(ATALAYA_EMULATOR qemu-aarch64-static)
include("${CMAKE_CURRENT_LIST_DIR}/cross.cmake")
