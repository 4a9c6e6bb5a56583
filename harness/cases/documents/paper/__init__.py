"""PDF and images: text layers, pages as pixels, and text read off them."""
