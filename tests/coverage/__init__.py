"""What is covered: a sample for every public function, checked in every mode, and the page made of them."""
