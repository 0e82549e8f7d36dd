// SPDX-License-Identifier: MIT
#include <acre/port/mmap_source.hpp>

namespace acre::inline ACRE_ABI {

template class basic_os_source<port::posix_memory>;

}  // namespace acre
