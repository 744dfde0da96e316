# SPDX-License-Identifier: Apache-2.0
set(CMAKE_SYSTEM_PROCESSOR arm)
set(ATALAYA_ARCHITECTURE armhf)
set(ATALAYA_TRIPLET arm-linux-gnueabihf)
set(ATALAYA_EMULATOR qemu-arm-static)
include("${CMAKE_CURRENT_LIST_DIR}/cross.cmake")
