# SPDX-License-Identifier: Apache-2.0
"""scripts/package: lintian finds nothing, two builds from different paths are the same to the byte, and everything a tower
needs is inside. What the package does to a system is tests/soak/test_package_tree.py."""
import deb

deb.check()
print("the same twice, lintian content")
