// SPDX-License-Identifier: MIT
#include <acre/config.hpp>
#include <acre/status.hpp>

namespace acre::inline ACRE_ABI {

const char* to_string(status code) noexcept {
  if constexpr (config::fault_text) {
    switch (code) {
      case status::ok:
        return "ok";
      case status::exhausted:
        return "exhausted";
      case status::not_initialised:
        return "not_initialised";
      case status::invalid_argument:
        return "invalid_argument";
      case status::region_too_small:
        return "region_too_small";
      case status::region_too_large:
        return "region_too_large";
      case status::region_out_of_reach:
        return "region_out_of_reach";
      case status::double_free:
        return "double_free";
      case status::foreign_pointer:
        return "foreign_pointer";
      case status::interior_pointer:
        return "interior_pointer";
      case status::misaligned_pointer:
        return "misaligned_pointer";
      case status::wrong_size:
        return "wrong_size";
      case status::out_of_order:
        return "out_of_order";
      case status::wrong_context:
        return "wrong_context";
      case status::corrupted:
        return "corrupted";
    }
    return "unknown status";
  } else {
    static_cast<void>(code);
    return "";
  }
}

}  // namespace acre
