// SPDX-License-Identifier: MIT
// node_layout: what a container of the standard library asks its allocator for, at compile time. The answer to
// "what block size does a pool for this std::map need?".
//
//   acre::node_pool<std::map<int, order>> nodes;
//
// The standard does not say, so this knows the libraries: libstdc++ and libc++. With another one it does not
// compile. The tests compare it with what containers really ask for.
#pragma once

#include <cstddef>
#include <forward_list>
#include <list>
#include <memory>
#include <set>

#include <acre/detail/abi.hpp>
#include <acre/layout.hpp>
#include <acre/pool.hpp>

namespace acre::inline ACRE_ABI {

namespace detail {

/// Which type of node a container has.
template <class Container>
struct node_of {
  static_assert(sizeof(Container) == 0,
                "node_layout knows list, forward_list and the associative containers, ordered and "
                "unordered, of "
                "libstdc++ and libc++; this is another container, or another library");
};

#if defined(__GLIBCXX__)

// A node handle names the allocator of nodes.
template <class Handle>
struct node_in_handle;
template <class Key, class Value, class Alloc>
struct node_in_handle<std::_Node_handle<Key, Value, Alloc>> {
  using type = typename std::allocator_traits<Alloc>::value_type;
};
template <class T>
using list_node = std::_List_node<T>;
template <class T>
using forward_list_node = std::_Fwd_list_node<T>;
template <class T, class Alloc>
using shared_control_block =
    std::_Sp_counted_ptr_inplace<std::remove_cv_t<T>, Alloc, std::__default_lock_policy>;

#elif defined(_LIBCPP_VERSION)

// A node handle names the node.
template <class Handle>
struct node_in_handle;
template <class Node, class Alloc, template <class, class> class Kind>
struct node_in_handle<std::__basic_node_handle<Node, Alloc, Kind>> {
  using type = Node;
};
template <class T>
using list_node = std::__list_node<T, void*>;
template <class T>
using forward_list_node = std::__forward_list_node<T, void*>;
template <class T, class Alloc>
using shared_control_block = std::__shared_ptr_emplace<T, Alloc>;

#endif

template <class Container>
requires requires {
  typename node_in_handle<typename Container::node_type>::type;
}
struct node_of<Container> : node_in_handle<typename Container::node_type> {};
template <class T, class Alloc>
struct node_of<std::list<T, Alloc>> {
  using type = list_node<T>;
};
template <class T, class Alloc>
struct node_of<std::forward_list<T, Alloc>> {
  using type = forward_list_node<T>;
};

}  // namespace detail

/// The layout of each node of `Container`: list, forward_list, map, set, and their multi and unordered
/// kinds. Does not depend on the container's allocator.
template <class Container>
inline constexpr layout node_layout = layout::of<typename detail::node_of<Container>::type>();

/// Its size: the block size of a pool for these nodes.
template <class Container>
inline constexpr size_t node_bytes = node_layout<Container>.size;

/// A pool for the nodes of `Container`. `node_pool<C>::required_bytes(n)` is the region for n nodes.
template <class Container, class Policies = policies<>>
using node_pool = pool<node_layout<Container>.size, Policies, node_layout<Container>.align>;

/// Unordered containers have an array of buckets as well, from the same allocator: the layout of one with
/// `buckets` buckets, of which the container chooses how many (container.bucket_count() says it; libstdc++
/// keeps a single one inside itself). While a container rehashes, it has two arrays. Give it a size_router,
/// with a pool for the nodes and something for arrays.
template <class Container>
requires requires(const Container& c) {
  c.bucket_count();
}
constexpr layout bucket_array_layout(size_t buckets) noexcept {
  return layout::array_of<void*>(buckets);
}

/// What std::allocate_shared<T>(alloc, ...) asks for: the object and its counts in one block. `Alloc` is the
/// type of `alloc`, which is kept in the block; its value type does not matter.
template <class T, class Alloc>
inline constexpr layout shared_layout = layout::of<detail::shared_control_block<
    T, typename std::allocator_traits<Alloc>::template rebind_alloc<std::remove_cv_t<T>>>>();

}  // namespace acre
