"""The Streamlit side: components, caching, state and figures."""
