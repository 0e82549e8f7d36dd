// SPDX-License-Identifier: MIT
#include <acre/port/virtual_alloc_source.hpp>

namespace acre::inline ACRE_ABI {

template class basic_os_source<port::windows_memory>;

}  // namespace acre
